"""How fast all subsets of studies are pooled.

    python -m benchmarks gosh [--no-r] [--large]

65,535 subsets of 16 studies, and with --large 1,048,575 of 20. Beside them, when Rscript is there,
metafor on 500 random subsets of the same 16 studies, times 131.
"""

from __future__ import annotations

import argparse
import resource
import time

from benchmarks._timing import effects, metafor_ms
from ipt_evidence.meta_analysis.gosh import LARGEST, gosh

__all__ = ["main"]

GOALS = {
    (16, "EE"): 0.02, (16, "DL"): 0.02, (16, "REML"): 0.25,
    (20, "EE"): 0.3, (20, "DL"): 0.3, (20, "REML"): 2.5,
}  # fmt: skip


def main(argv: list[str]) -> int:
    """Print the table; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks gosh", description=__doc__)
    parser.add_argument("--no-r", action="store_true", help="leave metafor out")
    parser.add_argument("--large", action="store_true", help="20 studies too")
    options = parser.parse_args(argv)
    r = {} if options.no_r else _metafor()
    missed = False
    for (k, method), goal in GOALS.items():
        if k == 20 and not options.large:
            continue
        seconds, cpu = _seconds(k, method)
        line = f"k={k} {method:<5} {2**k - 1:>9,} subsets {seconds:8.4f} s (CPU {cpu:.4f} s)"
        line += f"   goal < {goal:g} s"
        if (k, method) in r:
            line += f"   metafor {r[k, method]:,.1f} s: {r[k, method] / seconds:,.0f}x"
        print(line + ("  MISSED" if seconds >= goal else ""))
        missed |= seconds >= goal
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


def _metafor() -> dict[tuple[int, str], float]:
    """Seconds for all subsets of 16: those of 500 random ones, to scale."""
    calls = {
        method: f'gosh(rma(yi, vi, data=d, method="{method}"), subsets=500, progbar=FALSE)'
        for method in ("EE", "DL", "REML")
    }
    times = metafor_ms({"d": effects(16)}, calls)
    return {(16, method): ms / 1000 / 500 * (2**16 - 1) for method, ms in times.items()}
