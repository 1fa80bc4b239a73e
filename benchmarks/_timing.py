"""Best times of calls, here and in R, and seeded data for both."""

from __future__ import annotations

import math
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

__all__ = ["best_ms", "effects", "metafor_ms", "show"]

Data = dict[str, np.ndarray]

R_TIMER = """
suppressMessages(library(metafor))
best <- function(f) {
  f(); times <- c(); start <- proc.time()[["elapsed"]]
  while (length(times) < 3 || (proc.time()[["elapsed"]] - start < 0.5 && length(times) < 200)) {
    n <- 1
    repeat {
      took <- system.time(for (i in seq_len(n)) f(), gcFirst = FALSE)[["elapsed"]]
      if (took >= 0.02) break
      n <- n * 4
    }
    times <- c(times, took / n)
  }
  1000 * min(times)
}
say <- function(name, f) cat(name, "\\t", format(best(f), digits = 6), "\\n", sep = "")
"""


def effects(k: int, seed: int = 20240501) -> Data:
    """Draw `k` standardised mean differences, a moderator, and studies of about four effects."""
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.02, 0.3, k)
    x = rng.normal(size=k)
    study = np.sort(rng.integers(0, max(2, k // 4), k))
    shared = rng.normal(0.0, 0.25, study.max() + 1)[study]
    yi = 0.4 + 0.1 * x + shared + rng.normal(0.0, 0.2, k) + rng.normal(0.0, np.sqrt(vi))
    return {"yi": yi, "vi": vi, "x": x, "study": study}


def best_ms(call: Callable[[], object], seconds: float = 0.4) -> float:
    """Shortest time of a call in milliseconds, of as many as fit into about `seconds`."""
    call()
    best, end = math.inf, time.perf_counter() + seconds
    while time.perf_counter() < end or best == math.inf:
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return 1000.0 * best


def metafor_ms(tables: dict[str, Data], calls: dict[str, str]) -> dict[str, float]:
    """Times of R calls by name; empty when R or metafor is not there.

    Each table stands in R under its name as a data frame.
    """
    program = shutil.which("Rscript")
    if program is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        script = [R_TIMER]
        for name, table in tables.items():
            path = Path(folder) / f"{name}.csv"
            matrix = np.column_stack(list(table.values()))
            np.savetxt(path, matrix, "%.17g", ",", header=",".join(table), comments="")
            script.append(f'{name} <- read.csv("{path.as_posix()}")')
        script += [f'say("{name}", function() {call})' for name, call in calls.items()]
        path = Path(folder) / "time.R"
        path.write_text("\n".join(script), encoding="utf-8")
        done = subprocess.run([program, str(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"metafor is left out: {done.stderr.strip().splitlines()[-1:]}")
    pairs = (line.split("\t") for line in done.stdout.splitlines() if "\t" in line)
    return {name.strip(): float(value) for name, value in pairs}


def show(value: float | None) -> str:
    """Milliseconds with three digits, or a dash."""
    return "-" if value is None else f"{value:.3g}" if value < 100 else f"{value:,.0f}"
