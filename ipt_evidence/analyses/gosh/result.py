"""The pooled effect of every subset of the trials, and whether the subsets fall into clusters."""

from __future__ import annotations

from dataclasses import dataclass

from ipt_evidence import progress
from ipt_evidence.cache import cached_large
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.gosh import Gosh, GoshClusters, gosh, gosh_clusters

__all__ = ["ALL_UP_TO", "LEAST", "METHODS", "SIZES", "Subsets", "pooled_subsets", "to_pool"]

LEAST = 4  # trials: three have one selection of three, and two are too few to pool
ALL_UP_TO = 20  # trials: a million subsets, which take seconds
SIZES = (10_000, 100_000, 1_000_000)  # of a random sample, where there are more trials
METHODS = ("REML", "PM", "DL", "EE")


@dataclass(frozen=True, slots=True)
class Subsets:
    """Pooled effects of subsets of the trials, and the clusters among them."""

    gosh: Gosh
    clusters: GoshClusters


def to_pool(k: int, size: int) -> int:
    """How many subsets of ``k`` trials are pooled: all, or ``size`` where there are too many."""
    return 2**k - 1 if k <= ALL_UP_TO else size


@cached_large
def pooled_subsets(base: EvidenceBase, view: View, method: str, size: int) -> Subsets:
    """Subsets of the trials of ``view``, as many as `to_pool` says; reports its `progress`."""
    answer = estimate_of(base, view)
    most = to_pool(answer.k, size)
    found = gosh(*answer.arrays, method=method, max_subsets=most, report=progress.report)
    return Subsets(found, gosh_clusters(found))
