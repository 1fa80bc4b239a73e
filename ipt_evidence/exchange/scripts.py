"""The scripts of a bundle, ``analysis.R`` and ``analysis.py``, which compute an estimate again."""

from __future__ import annotations

from dataclasses import dataclass

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View, query

__all__ = ["Shown", "python_script", "r_script", "shown"]

# Iterative estimators of two programs stop at slightly different places.
TOLERANCE, TOLERANCE_CHE = 1e-5, 1e-4


@dataclass(frozen=True, slots=True)
class Shown:
    """One estimate as it stood on the screen.

    ``numbers`` are those a script compares itself with: estimate, ci_lower, ci_upper and, where
    they exist, pi_lower, pi_upper and tau2. ``method`` is metafor's name of the estimator.
    """

    title: str
    address: str
    data_version: str
    k: int
    n_effects: int
    method: str
    test: str
    rho: float
    level: str
    che: bool
    numbers: dict[str, float]

    @property
    def tolerance(self) -> float:
        """How far another program's number may lie from ours and still be called the same."""
        return TOLERANCE_CHE if self.che else TOLERANCE


def shown(base: EvidenceBase, answer: Estimate, title: str) -> Shown:
    """Take from ``answer`` what a script needs; without a pooled effect ``numbers`` is empty."""
    pooled, model = answer.pooled, answer.model
    che = pooled is not None and pooled.method == "CHE"
    names = ["estimate", "ci_lower", "ci_upper"]
    if answer.k > 1:
        names += ["tau2"] if che else ["pi_lower", "pi_upper", "tau2"]
    numbers = {} if pooled is None else {name: getattr(pooled, name) for name in names}
    return Shown(
        title=_one_plain_line(title),
        address=query(View(answer.selection.question, model)),
        data_version=base.version,
        k=answer.k,
        n_effects=len(answer.selection.effects),
        method=model.method,
        test=model.test,
        rho=model.rho,
        level=f"{model.level:g}",
        che=che,
        numbers={name: float(value) for name, value in numbers.items() if value is not None},
    )


def _one_plain_line(title: str) -> str:
    """``title`` as it may stand in a comment of a program: it must not end it and become code."""
    return " ".join(title.split()).replace("\\", "/").replace('"', "'")


_R_HEAD = """\
# {title}
#
# Run it where it stands:   Rscript analysis.R
# It needs R and the package metafor{more}:   install.packages(c({packages}))
#
# It reads data/effects.csv (one row an effect: yi is Hedges g, positive favours IPT; vi is its
# sampling variance), pools them as the explorer did, and says whether the numbers agree.

suppressPackageStartupMessages({{
{library}
}})

here <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
if (length(here) == 1) setwd(dirname(normalizePath(gsub("~+~", " ", here, fixed = TRUE))))

# ---- the effects ---------------------------------------------------------------------------------
effects <- read.csv("data/effects.csv", na.strings = "NA", encoding = "UTF-8")
effects$study <- factor(effects$study_id, levels = unique(effects$study_id))
effects <- escalc(yi = yi, vi = vi, data = effects)
"""

_R_AGGREGATED = """
# ---- several effects of one trial are combined first, so that each trial counts once -------------
trials <- aggregate(effects, cluster = study, struct = "CS", rho = {rho})
cat(nrow(effects), "effects of", nrow(trials), "trials\\n\\n")

# ---- the model -----------------------------------------------------------------------------------
"""

_R_SEVERAL = """\
fit <- rma(yi, vi, data = trials, slab = label, method = "{method}", test = "{test}",
           level = {level}{control})
print(fit)
predicted <- predict(fit)

mine <- c(estimate = as.numeric(fit$beta), ci_lower = fit$ci.lb, ci_upper = fit$ci.ub,
          pi_lower = {pi_lower}, pi_upper = {pi_upper}, tau2 = fit$tau2)
"""

_R_ONE = """\
# One trial: nothing is pooled; this is its own effect with a normal interval.
half <- qnorm(1 - (1 - {level} / 100) / 2) * sqrt(trials$vi)
mine <- c(estimate = as.numeric(trials$yi), ci_lower = as.numeric(trials$yi - half),
          ci_upper = as.numeric(trials$yi + half))
"""

_R_CHE = """
cat(nrow(effects), "effects of", nlevels(effects$study), "trials\\n\\n")

# ---- correlated and hierarchical effects, with cluster-robust (CR2) errors -----------------------
# Pustejovsky & Tipton 2022, doi:10.1007/s11121-021-01246-3
effects$row <- seq_len(nrow(effects))
V <- vcalc(vi, cluster = study, obs = row, rho = {rho}, data = effects)
fit <- rma.mv(yi, V, random = ~ 1 | study/row, data = effects,
              control = list(optimizer = "optim", reltol = 1e-12))
print(fit)
robust <- conf_int(fit, vcov = "CR2", level = {level} / 100)

mine <- c(estimate = robust$beta, ci_lower = robust$CI_L, ci_upper = robust$CI_U,
          tau2 = sum(fit$sigma2))
"""

_R_FOREST = """
# ---- a picture -----------------------------------------------------------------------------------
pdf("forest-by-metafor.pdf", width = 9, height = 2.5 + 0.22 * {rows})
{forest}
invisible(dev.off())
"""

_R_TAIL = """
# ---- does it agree with the explorer? ------------------------------------------------------------
shown <- c({shown})
compared <- data.frame(this_script = round(mine[names(shown)], 6), explorer = round(shown, 6))
print(compared)
cat("\\nData version {version}. Positive favours IPT.\\n")
cat(sprintf("g = %.2f, {level}%% CI %.2f to %.2f\\n",
            mine["estimate"], mine["ci_lower"], mine["ci_upper"]))
if (all(abs(mine[names(shown)] - shown) < {tolerance})) {{
  cat("The explorer showed the same.\\n")
}} else {{
  cat("The explorer showed something else: please tell us, with this output.\\n")
  quit(status = 1)
}}
"""

# metafor stops iterating early by default; these estimators have no iteration to tighten.
_CLOSED_FORM = {"DL", "HE", "HS", "SJ", "EE", "FE"}


def r_script(shown: Shown) -> str:
    """The text of ``analysis.R`` for what stands on the screen."""
    parts = [_r_head(shown)]
    if shown.che:
        parts.append(_R_CHE.format(rho=shown.rho, level=shown.level))
        parts.append(_r_forest(shown, "effects$row", "forest(fit, slab = effects$label)"))
    else:
        parts.append(_R_AGGREGATED.format(rho=shown.rho))
        parts.append(_r_model(shown))
        if shown.k > 1:
            parts.append(_r_forest(shown, "trials$yi", "forest(fit, addpred = TRUE)"))
    parts.append(_r_tail(shown))
    return "".join(parts)


def _r_head(shown: Shown) -> str:
    names = ["metafor", "clubSandwich"] if shown.che else ["metafor"]
    return _R_HEAD.format(
        title=shown.title,
        more=" and clubSandwich" if shown.che else "",
        packages=", ".join(f'"{name}"' for name in names),
        library="\n".join(f"  library({name})" for name in names),
    )


def _r_model(shown: Shown) -> str:
    if shown.k == 1:
        return _R_ONE.format(level=shown.level)
    closed = shown.method in _CLOSED_FORM
    common = shown.method in {"EE", "FE"}
    return _R_SEVERAL.format(
        method=shown.method,
        test=shown.test,
        level=shown.level,
        control=""
        if closed
        else ",\n           control = list(threshold = 1e-10, tol = 1e-10, maxiter = 1e4)",
        pi_lower="NA" if common else "predicted$pi.lb",
        pi_upper="NA" if common else "predicted$pi.ub",
    )


def _r_forest(shown: Shown, counted: str, forest: str) -> str:
    return _R_FOREST.format(rows=f"length({counted})", forest=forest)


def _r_tail(shown: Shown) -> str:
    numbers = ", ".join(f"{name} = {value!r}" for name, value in shown.numbers.items())
    return _R_TAIL.format(
        shown=numbers, version=shown.data_version, level=shown.level, tolerance=shown.tolerance
    )


_PY_HEAD = '''\
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

_PY_AGGREGATE = '''

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

_PY_LIKELIHOOD = '''

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

_PY_PAULE_MANDEL = '''

def surplus(tau2):
    """Q with weights 1 / (v + tau2), less its expectation: Paule & Mandel set it to zero."""
    w = 1 / (v + tau2)
    return w @ (y - (w @ y) / w.sum()) ** 2 - (k - 1)


highest = 1.0
while surplus(highest) > 0:
    highest *= 2
tau2 = optimize.brentq(surplus, 0.0, highest, xtol=1e-14) if surplus(0.0) > 0 else 0.0
'''

_PY_MOMENTS = {
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
_PY_MOMENTS["FE"] = _PY_MOMENTS["EE"]

_PY_POOL = """
w = 1 / (v + tau2)
estimate = (w @ y) / w.sum()
se = np.sqrt(1 / w.sum())
{test}
half = critical * se
reach = critical * np.sqrt(tau2 + se**2)
mine = {{"estimate": estimate, "ci_lower": estimate - half, "ci_upper": estimate + half,
        "pi_lower": estimate - reach, "pi_upper": estimate + reach, "tau2": tau2}}
"""
_PY_TESTS = {
    "z": "critical = special.ndtri(0.5 + LEVEL / 200)",
    "t": "critical = special.stdtrit(k - 1, 0.5 + LEVEL / 200)",
    "knha": "scale = (w @ (y - estimate) ** 2) / (k - 1)  # Hartung & Knapp\n"
    "se *= np.sqrt(scale)\ncritical = special.stdtrit(k - 1, 0.5 + LEVEL / 200)",
    "adhoc": "scale = (w @ (y - estimate) ** 2) / (k - 1)  # Hartung & Knapp, never below 1\n"
    "se *= np.sqrt(max(scale, 1.0))\ncritical = special.stdtrit(k - 1, 0.5 + LEVEL / 200)",
}

_PY_ONE = """
# One trial: nothing is pooled; this is its own effect with a normal interval.
half = special.ndtri(0.5 + LEVEL / 200) * np.sqrt(v[0])
mine = {"estimate": y[0], "ci_lower": y[0] - half, "ci_upper": y[0] + half}
"""

_PY_CHE = """
# Correlated and hierarchical effects, with cluster-robust (CR2) errors: a model too long for this
# page. The explorer's own engine fits it; analysis.R does the same with metafor.
fit = multilevel(yi, vi, np.array(study), rho=RHO, level=LEVEL)
robust = fit.robust_coefficients[0]
mine = {"estimate": robust.estimate, "ci_lower": robust.ci_lower, "ci_upper": robust.ci_upper,
        "tau2": fit.tau2_between + fit.tau2_within}
"""

_PY_TAIL = """
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
    parts = [_py_head(shown)]
    if shown.che:
        parts.append(_PY_CHE)
    else:
        parts.append(_PY_AGGREGATE)
        parts.append(_PY_ONE if shown.k == 1 else _py_tau2(shown.method) + _py_pool(shown.test))
    parts.append(_PY_TAIL.format(tolerance=shown.tolerance))
    return "".join(parts)


def _py_head(shown: Shown) -> str:
    imports = "from scipy import optimize, special\n"
    if shown.che:
        imports = "from ipt_evidence.meta_analysis.dependent_effects import multilevel\n"
    return _PY_HEAD.format(
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


def _py_tau2(method: str) -> str:
    if method in {"REML", "ML"}:
        restricted = method == "REML"
        terms = "np.log(v + tau2).sum()" + (" + np.log(w.sum())" if restricted else "")
        name = "Restricted" if restricted else "Full"
        return _PY_LIKELIHOOD.format(name=name, terms=terms)
    if method in {"PM", "EB"}:  # the same equation, reached by two roads
        return _PY_PAULE_MANDEL
    return _PY_MOMENTS[method]


def _py_pool(test: str) -> str:
    return _PY_POOL.format(test=_PY_TESTS[test])
