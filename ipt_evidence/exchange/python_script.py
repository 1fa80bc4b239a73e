"""``analysis.py``: the number on the screen, in a page of NumPy that needs nothing of ours."""

from __future__ import annotations

from ipt_evidence.exchange.shown import Shown

__all__ = ["python_script"]

_HEAD = '''\
"""{title}

Run it where it stands:   python analysis.py
It needs Python 3.10 or newer with {needs}:   pip install {packages}

It reads data/effects.csv (one row an effect: yi is Hedges g, positive favours IPT; vi is its
sampling variance), pools them as the explorer did, and says whether the numbers agree.
"""

import csv
import sys
from pathlib import Path

import numpy as np
{imports}
HERE = Path(__file__).resolve().parent
SHOWN = {shown}  # by the explorer, data version {version}
LEVEL = {level}  # percent of every interval
RHO = {rho}  # correlation between several effects of one trial

with (HERE / "data" / "effects.csv").open(encoding="utf-8", newline="") as file:
    effects = list(csv.DictReader(file))
yi = np.array([float(row["yi"]) for row in effects])
vi = np.array([float(row["vi"]) for row in effects])
study = [row["study_id"] for row in effects]
trials = list(dict.fromkeys(study))
print(f"{{len(effects)}} effects of {{len(trials)}} trials")
'''

_AGGREGATE = '''

def combined(positions):
    """One trial's effects as one: generalised least squares with correlation RHO."""
    sd = np.sqrt(vi[positions])
    covariance = np.outer(sd, sd) * (RHO + (1 - RHO) * np.eye(len(sd)))
    weights = np.linalg.solve(covariance, np.ones(len(sd)))
    return weights @ yi[positions] / weights.sum(), 1 / weights.sum()


places = [[i for i, name in enumerate(study) if name == trial] for trial in trials]
y, v = np.array([combined(np.array(place)) for place in places]).T
k = len(y)
'''

_LIKELIHOOD = '''

def minus_log_likelihood(tau2):
    """{name} log likelihood, up to a constant, with the average effect profiled out."""
    w = 1 / (v + tau2)
    mu = (w @ y) / w.sum()
    return 0.5 * ({terms} + w @ (y - mu) ** 2)


grid = np.concatenate([[0.0], np.geomspace(1e-6, 10 * np.var(y) + v.max(), 400)])
best = int(np.argmin([minus_log_likelihood(t) for t in grid]))
low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
tau2 = optimize.minimize_scalar(minus_log_likelihood, bounds=(low, high), method="bounded",
                                options={{"xatol": 1e-12}}).x
if minus_log_likelihood(0.0) <= minus_log_likelihood(tau2):
    tau2 = 0.0
'''

_PAULE_MANDEL = '''

def surplus(tau2):
    """Q with weights 1 / (v + tau2), less its expectation: Paule & Mandel set it to zero."""
    w = 1 / (v + tau2)
    return w @ (y - (w @ y) / w.sum()) ** 2 - (k - 1)


highest = 1.0
while surplus(highest) > 0:
    highest *= 2
tau2 = optimize.brentq(surplus, 0.0, highest, xtol=1e-14) if surplus(0.0) > 0 else 0.0
'''

_MOMENTS = {
    "DL": """
w = 1 / v
q = w @ (y - (w @ y) / w.sum()) ** 2
tau2 = max(0.0, (q - (k - 1)) / (w.sum() - (w @ w) / w.sum()))  # DerSimonian & Laird
""",
    "HE": """
tau2 = max(0.0, np.var(y, ddof=1) - v.mean())  # Hedges
""",
    "HS": """
w = 1 / v
q = w @ (y - (w @ y) / w.sum()) ** 2
tau2 = max(0.0, (q - k) / w.sum())  # Hunter & Schmidt
""",
    "SJ": """
start = np.mean((y - y.mean()) ** 2)
w = 1 / (v + start)
mu = (w @ y) / w.sum()
tau2 = start * (w @ (y - mu) ** 2) / (k - 1)  # Sidik & Jonkman
""",
    "EE": """
tau2 = 0.0  # by assumption: one true effect
""",
}
_MOMENTS["FE"] = _MOMENTS["EE"]

_POOL = """
w = 1 / (v + tau2)
estimate = (w @ y) / w.sum()
se = np.sqrt(1 / w.sum())
{test}
half = critical * se
reach = critical * np.sqrt(tau2 + se**2)
mine = {{"estimate": estimate, "ci_lower": estimate - half, "ci_upper": estimate + half,
        "pi_lower": estimate - reach, "pi_upper": estimate + reach, "tau2": tau2}}
"""
_TESTS = {
    "z": "critical = special.ndtri(0.5 + LEVEL / 200)",
    "t": "critical = special.stdtrit(k - 1, 0.5 + LEVEL / 200)",
    "knha": "scale = (w @ (y - estimate) ** 2) / (k - 1)  # Hartung & Knapp\n"
    "se *= np.sqrt(scale)\ncritical = special.stdtrit(k - 1, 0.5 + LEVEL / 200)",
    "adhoc": "scale = (w @ (y - estimate) ** 2) / (k - 1)  # Hartung & Knapp, never below 1\n"
    "se *= np.sqrt(max(scale, 1.0))\ncritical = special.stdtrit(k - 1, 0.5 + LEVEL / 200)",
}

_ONE = """
# One trial: nothing is pooled; this is its own effect with a normal interval.
half = special.ndtri(0.5 + LEVEL / 200) * np.sqrt(v[0])
mine = {"estimate": y[0], "ci_lower": y[0] - half, "ci_upper": y[0] + half}
"""

_CHE = """
# Correlated and hierarchical effects, with cluster-robust (CR2) errors: a model too long for this
# page. The explorer's own engine fits it; analysis.R does the same with metafor.
fit = multilevel(yi, vi, np.array(study), rho=RHO, level=LEVEL)
robust = fit.robust_coefficients[0]
mine = {"estimate": robust.estimate, "ci_lower": robust.ci_lower, "ci_upper": robust.ci_upper,
        "tau2": fit.tau2_between + fit.tau2_within}
"""

_TAIL = """
for name, value in SHOWN.items():
    print(f"{{name:10}} {{mine[name]:10.6f}}   the explorer showed {{value:10.6f}}")
print(f"g = {{mine['estimate']:.2f}}, {{LEVEL:g}}% CI {{mine['ci_lower']:.2f}} to "
      f"{{mine['ci_upper']:.2f}}. Positive favours IPT.")
if any(abs(mine[name] - value) > {tolerance} for name, value in SHOWN.items()):
    sys.exit("The explorer showed something else: please tell us, with this output.")
print("The explorer showed the same.")
"""


def python_script(shown: Shown) -> str:
    """The text of ``analysis.py`` for what stands on the screen."""
    parts = [_head(shown)]
    if shown.che:
        parts.append(_CHE)
    else:
        parts.append(_AGGREGATE)
        parts.append(_ONE if shown.k == 1 else _tau2(shown.method) + _pool(shown.test))
    parts.append(_TAIL.format(tolerance=shown.tolerance))
    return "".join(parts)


def _head(shown: Shown) -> str:
    imports = "from scipy import optimize, special\n"
    if shown.che:
        imports = "from ipt_evidence.meta_analysis.dependent_effects import multilevel\n"
    return _HEAD.format(
        title=shown.title.rstrip(".") + ".",
        needs="the explorer's package (ipt_evidence)" if shown.che else "NumPy and SciPy",
        packages="." if shown.che else "numpy scipy",
        imports="\n" + imports if shown.che else imports,
        shown=_dict(shown.numbers),
        version=shown.data_version,
        level=shown.level,
        rho=shown.rho,
    )


def _dict(numbers: dict[str, float]) -> str:
    rows = "".join(f'    "{name}": {value!r},\n' for name, value in numbers.items())
    return f"{{\n{rows}}}"


def _tau2(method: str) -> str:
    if method in {"REML", "ML"}:
        restricted = method == "REML"
        terms = "np.log(v + tau2).sum()" + (" + np.log(w.sum())" if restricted else "")
        name = "Restricted" if restricted else "Full"
        return _LIKELIHOOD.format(name=name, terms=terms)
    if method in {"PM", "EB"}:  # the same equation, reached by two roads
        return _PAULE_MANDEL
    return _MOMENTS[method]


def _pool(test: str) -> str:
    return _POOL.format(test=_TESTS[test])
