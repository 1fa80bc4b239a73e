"""How fast all subsets of studies are pooled.

    python -m benchmarks gosh [--no-r] [--small]

65,535 subsets of 16 studies, and but for --small 1,048,575 of 20. Beside them, when Rscript is
there, metafor on 500 random subsets of the same 16 studies, times 131. At last the largest
difference to fits of single subsets, of 500 drawn at random.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from benchmarks._timing import effects, metafor_ms
from ipt_evidence.meta_analysis.gosh import LARGEST, gosh
from ipt_evidence.meta_analysis.models import pool

__all__ = ["main"]

GOALS = {
    (16, "EE"): 0.02, (16, "DL"): 0.02, (16, "PM"): 0.1, (16, "REML"): 0.25,
    (20, "EE"): 0.3, (20, "DL"): 0.3, (20, "PM"): 1.5, (20, "REML"): 2.5,
}  # fmt: skip


def main(argv: list[str]) -> int:
    """Print the table; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks gosh", description=__doc__)
    parser.add_argument("--no-r", action="store_true", help="leave metafor out")
    parser.add_argument("--small", action="store_true", help="leave 20 studies out")
    options = parser.parse_args(argv)
    r = {} if options.no_r else _metafor()
    missed = False
    for (k, method), goal in GOALS.items():
        if k == 20 and options.small:
            continue
        seconds, cpu = _seconds(k, method)
        line = f"k={k} {method:<5} {2**k - 1:>9,} subsets {seconds:8.4f} s (CPU {cpu:.4f} s)"
        line += f"   goal < {goal:g} s"
        if (k, method) in r:
            line += f"   metafor {r[k, method]:,.1f} s: {r[k, method] / seconds:,.0f}x"
        print(line + ("  MISSED" if seconds >= goal else ""))
        missed |= seconds >= goal
    for method in ("EE", "DL", "PM", "REML"):
        worst = _difference(16, method)
        print(f"k=16 {method:<5} largest difference to single fits {worst:.1e}   goal < 1e-8")
        missed |= worst >= 1e-8
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    return int(missed)


def _seconds(k: int, method: str) -> tuple[float, float]:
    """Shortest of some runs, with its process time."""
    data = effects(k)
    found = []
    for _ in range(7 if k == 16 else 3):
        start, cpu = time.perf_counter(), time.process_time()
        gosh(data["yi"], data["vi"], method=method, max_subsets=LARGEST)
        found.append((time.perf_counter() - start, time.process_time() - cpu))
    return min(found)


def _difference(k: int, method: str) -> float:
    """Largest difference in estimate or tau² to fits of single subsets."""
    data = effects(k)
    found = gosh(data["yi"], data["vi"], method=method, max_subsets=LARGEST)
    worst = 0.0
    rng = np.random.default_rng(20240501)
    for row in rng.choice(found.estimate.size, 500, replace=False):
        there = found.present[row]
        one = pool(data["yi"][there], data["vi"][there], method=method, test="z")
        gaps = found.estimate[row] - one.estimate, found.tau2[row] - (one.tau2 or 0.0)
        worst = max(worst, *(abs(float(gap)) for gap in gaps))
    return worst


def _metafor() -> dict[tuple[int, str], float]:
    """Seconds for all subsets of 16: those of 500 random ones, to scale."""
    calls = {
        method: f'gosh(rma(yi, vi, data=d, method="{method}"), subsets=500, progbar=FALSE)'
        for method in ("EE", "DL", "PM", "REML")
    }
    times = metafor_ms({"d": effects(16)}, calls)
    return {(16, method): ms / 1000 / 500 * (2**16 - 1) for method, ms in times.items()}
