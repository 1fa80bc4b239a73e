"""What ``import ipt_evidence`` costs, and that it pulls in nothing heavy.

    python -m benchmarks import

Each figure is the best and the median of fresh processes, less an empty interpreter's start.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

__all__ = ["main"]

RUNS = 15
HEAVY = ("streamlit", "scipy", "plotly", "pandas", "numpy")
GOAL = 0.15


def main(arguments: list[str]) -> int:
    """Print the table; 1 when the goal is missed."""
    empty = _seconds("pass")
    ours = _seconds("import ipt_evidence")
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, ipt_evidence; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    heavy = [name for name in HEAVY if name in loaded]
    cost = statistics.median(ours) - statistics.median(empty)
    print(f"empty interpreter     best {min(empty):.3f} s  median {statistics.median(empty):.3f} s")
    print(f"import ipt_evidence   best {min(ours):.3f} s  median {statistics.median(ours):.3f} s")
    print(f"cost                  {cost:.3f} s (goal < {GOAL} s); heavy modules: {heavy or 'none'}")
    return int(cost >= GOAL or bool(heavy))


def _seconds(code: str) -> list[float]:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(time.perf_counter() - start)
    return times
