"""How fast one meta-analysis is fitted, beside other software in the same run.

    python -m benchmarks pool [--no-r] [--sizes 16,100,1000]

Milliseconds, best of many calls. statsmodels, PyMARE and PyMetaAnalysis are timed when they can be
imported, R metafor when Rscript is there. Each call yields at least the effect and its interval;
ours yields everything that `pool` reports. Last, 100,000 REML fits of 20 effects in one call.
"""

from __future__ import annotations

import argparse
import resource
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

import numpy as np

from benchmarks._timing import Data, best_ms, effects, metafor_ms, show
from ipt_evidence.meta_analysis.dependent_effects import multilevel
from ipt_evidence.meta_analysis.models import pool, pool_many
from ipt_evidence.meta_analysis.moderators import meta_regression

__all__ = ["main"]

TASKS = ("REML", "PM", "DL", "REML+x", "3-level")
PEERS = ("statsmodels", "PyMARE", "PyMetaAnalysis", "metafor")
# Times faster than metafor that are asked for, and the fits to which that applies.
GOALS = {("REML", 16): 15.0, ("REML", 1000): 1000.0, ("3-level", 56): 2.0, ("3-level", 100): 2.0}
BATCH, BATCH_SIZE, BATCH_SECONDS = 100_000, 20, 1.0

R_CALLS = {
    "REML": 'rma(yi, vi, data={d}, method="REML", test="knha")',
    "PM": 'rma(yi, vi, data={d}, method="PM", test="knha")',
    "DL": 'rma(yi, vi, data={d}, method="DL", test="knha")',
    "REML+x": 'rma(yi, vi, mods=~x, data={d}, method="REML", test="knha")',
    "3-level": "rma.mv(yi, vi, random=~1|study/seq_along(yi), data={d})",
}
R_LARGEST_MULTILEVEL = 100  # metafor's dense matrices take minutes beyond


def _ours(task: str, data: Data) -> Callable[[], object]:
    yi, vi = data["yi"], data["vi"]
    if task == "3-level":
        return partial(multilevel, yi, vi, data["study"], rho=0.0)
    if task == "REML+x":
        return partial(meta_regression, yi, vi, {"x": data["x"]})
    return partial(pool, yi, vi, method=task)


def _statsmodels(task: str, data: Data) -> Callable[[], object] | None:
    from statsmodels.stats.meta_analysis import combine_effects

    method = {"PM": "iterated", "DL": "dl"}.get(task)
    if method is None:
        return None
    return lambda: combine_effects(data["yi"], data["vi"], method_re=method).conf_int()


def _pymare(task: str, data: Data) -> Callable[[], object] | None:
    from pymare import Dataset
    from pymare.estimators import DerSimonianLaird, VarianceBasedLikelihoodEstimator

    if task not in ("REML", "DL", "REML+x"):
        return None
    x = data["x"][:, None] if task == "REML+x" else None

    def run() -> object:
        method = VarianceBasedLikelihoodEstimator("reml") if task != "DL" else DerSimonianLaird()
        method.fit_dataset(Dataset(data["yi"], data["vi"], X=x))
        return method.summary().get_fe_stats()

    return run


def _pymetaanalysis(task: str, data: Data) -> Callable[[], object] | None:
    import meta_analyze

    yi, vi = data["yi"], data["vi"]
    if task == "REML+x":
        return lambda: meta_analyze.meta_regression(
            effect=yi, variance=vi, moderators={"x": data["x"]}, tau2_method="REML"
        )
    if task == "3-level":
        return None
    return lambda: meta_analyze.meta_analysis(
        effect=yi, variance=vi, tau2_method=task, ci_method="hartung_knapp"
    )


_PYTHON = {
    "statsmodels": ("statsmodels", _statsmodels),
    "PyMARE": ("pymare", _pymare),
    "PyMetaAnalysis": ("meta_analyze", _pymetaanalysis),
}


def main(argv: list[str]) -> int:
    """Print the tables; 1 when a goal is missed or a peer is faster."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks pool", description=__doc__)
    parser.add_argument("--sizes", default="16,100,1000")
    parser.add_argument("--no-r", action="store_true", help="leave metafor out")
    options = parser.parse_args(argv)
    sizes = [int(size) for size in options.sizes.split(",")]
    warnings.simplefilter("ignore")  # peers' own
    jobs = [(task, k) for task in TASKS[:4] for k in sizes]
    jobs += [("3-level", k) for k in sorted({56, *sizes} - {16})]
    data = {k: effects(k) for _, k in jobs}
    r = {} if options.no_r else _metafor(jobs, data)
    absent = [name for name, (module, _) in _PYTHON.items() if find_spec(module) is None]
    print(f"{'ms':<16}{'ours':>10}" + "".join(f"{name:>16}" for name in PEERS))
    missed = [_line(task, k, data[k], r.get(f"{task}/{k}")) for task, k in jobs]
    print(
        f"not installed: {', '.join(absent) or 'nothing'}; metafor {'timed' if r else 'not timed'}"
    )
    return int(any([_batch(), *missed]))


def _metafor(jobs: list[tuple[str, int]], data: dict[int, Data]) -> dict[str, float]:
    calls = {
        f"{task}/{k}": R_CALLS[task].format(d=f"d{k}")
        for task, k in jobs
        if task != "3-level" or k <= R_LARGEST_MULTILEVEL
    }
    return metafor_ms({f"d{k}": table for k, table in data.items()}, calls)


def _line(task: str, k: int, data: Data, metafor: float | None) -> bool:
    """Print one fit; true when a goal is missed."""
    ours = best_ms(_ours(task, data))
    times: list[float | None] = []
    for module, peer in _PYTHON.values():
        call = peer(task, data) if find_spec(module) is not None else None
        times.append(None if call is None else best_ms(call))
    times.append(metafor)
    cells = [show(t) + ("" if t is None else f" ({t / ours:,.3g}x)") for t in times]
    line = f"{task + ' k=' + str(k):<16}{show(ours):>10}" + "".join(f"{c:>16}" for c in cells)
    goal = GOALS.get((task, k))
    missed = any(t is not None and t <= ours for t in times)
    if goal is not None:
        line += f"   goal: metafor >= {goal:,.0f}x"
        missed |= metafor is not None and metafor < goal * ours
    print(line + ("  MISSED" if missed else ""))
    return missed


def _batch() -> bool:
    """Print the time of many fits in one call; true when the goal is missed."""
    rng = np.random.default_rng(20240501)
    shape = (BATCH, BATCH_SIZE)
    vi = rng.uniform(0.02, 0.3, shape)
    yi = rng.normal(0.4, 0.3, shape) + rng.normal(size=shape) * np.sqrt(vi)
    start = time.perf_counter()
    found = pool_many(yi, vi)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{BATCH:,} REML fits of k={BATCH_SIZE} in one call: {seconds:.3f} s "
        f"(goal < {BATCH_SECONDS:g} s); finite: {int(np.isfinite(found.estimate).sum()):,}; "
        f"peak memory of the process {peak:,.0f} MB"
    )
    return seconds >= BATCH_SECONDS
