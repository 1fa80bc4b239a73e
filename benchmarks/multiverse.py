"""How fast a multiverse of specifications is pooled.

    python -m benchmarks multiverse [--effects 120]

10,240 specifications: 256 combinations of eligible effects (eight yes-or-no choices), four
correlations within studies, five estimators of tau², two intervals. Then the specifications of the
bundled evidence for depression against control. Beside them, when Rscript is there, the time that
metafor takes for one fit, times their number.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from benchmarks._timing import effects, metafor_ms
from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.analyses.multiverse.result import specifications
from ipt_evidence.meta_analysis.multiverse import multiverse

__all__ = ["main"]

GOAL = 1.0
RHOS = (0.2, 0.4, 0.6, 0.8)
METHODS = ("EE", "DL", "PM", "ML", "REML")
TESTS = ("z", "knha")


def main(argv: list[str]) -> int:
    """Print the time; 1 when the goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks multiverse", description=__doc__)
    parser.add_argument("--effects", type=int, default=120)
    k = parser.parse_args(argv).effects
    data, rng = effects(k), np.random.default_rng(20240501)
    eligible = {
        f"choice {i}": {"all": np.ones(k, dtype=bool), "some": rng.random(k) < 0.9}
        for i in range(8)
    }
    times = []
    for _ in range(3):
        start = time.perf_counter()
        found = multiverse(
            data["yi"],
            data["vi"],
            data["study"].tolist(),
            eligible,
            rhos=RHOS,
            methods=METHODS,
            tests=TESTS,
        )
        times.append(time.perf_counter() - start)
    size = len(found.specifications)
    print(
        f"{size:,} specifications of {k} effects in {data['study'].max() + 1} studies: "
        f"{min(times):.3f} s (goal < {GOAL * size / 10_000:.2f} s), "
        f"{1e6 * min(times) / size:.1f} microseconds each; "
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB"
    )
    missed = _bundled() >= GOAL
    fit = metafor_ms({"d": effects(34)}, {"REML": 'rma(yi, vi, data=d, test="knha")'})
    if fit:
        seconds = fit["REML"] / 1000 * size
        one = fit["REML"]
        print(f"metafor: {one:.2f} ms a fit of 34 studies by REML, {seconds:.0f} s for {size:,}")
    return int(missed or min(times) >= GOAL * size / 10_000)


def _bundled() -> float:
    """Seconds for 10,000 of the specifications that the bundled evidence has for one question."""
    base = EvidenceBase.load()
    answer = estimate(base, Question("depression", "control"))
    times = []
    for _ in range(3):
        start = time.perf_counter()
        curve = specifications(base, answer)
        times.append(time.perf_counter() - start)
    each = min(times) / len(curve) * 10_000
    print(f"depression against control: {len(curve):,} specifications in {min(times):.3f} s")
    return each
