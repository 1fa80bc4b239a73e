"""How long a table of one's own takes, from its bytes to the answer on the page.

    python -m benchmarks own_data [--rows 20000]

Seconds of a run of the page Your data, which reads, checks and pools the table and shows its first
section: each row a study of its own, then five rows a study. The first run of the process, which
imports everything, is not counted.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from streamlit.testing.v1 import AppTest

__all__ = ["main"]

GOAL = 2.0
PAGE = """
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.views import own_data
session.use(None)
address.start("your-data")
own_data.render()
address.finish()
"""


def main(arguments: list[str]) -> int:
    """Print a line for each table; 1 when the goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks own_data", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    rows = parser.parse_args(arguments).rows
    _seconds(_table(20, 20))
    slowest = 0.0
    for studies in (rows, rows // 5):
        wall, cpu = _seconds(_table(rows, studies))
        slowest = max(slowest, wall)
        print(
            f"{rows:,} rows, {studies:,} studies: {wall:.2f} s, of which processor {cpu:.2f} s "
            f"(goal < {GOAL:g} s)"
        )
    return int(slowest >= GOAL)


def _table(rows: int, studies: int) -> str:
    rng = np.random.default_rng(20240501)
    means, sds, people = (
        rng.normal([10, 12], 1, (rows, 2)).round(2),
        rng.uniform(4, 6, (rows, 2)).round(2),
        rng.integers(20, 90, (rows, 2)),
    )
    lines = ["study,m1i,sd1i,n1i,m2i,sd2i,n2i"]
    for i, (m, s, n) in enumerate(zip(means, sds, people, strict=True)):
        lines.append(f"Study {i % studies},{m[0]},{s[0]},{n[0]},{m[1]},{s[1]},{n[1]}")
    return "\n".join(lines)


def _seconds(table: str) -> tuple[float, float]:
    run = AppTest.from_string(PAGE, default_timeout=600)
    run.session_state["own-pasted"] = table
    start, processor = time.perf_counter(), time.process_time()
    run.run()
    spent = time.perf_counter() - start, time.process_time() - processor
    if run.exception:
        raise RuntimeError(run.exception[0].value)
    return spent
