"""What the evidence for Interpersonal Psychotherapy (IPT) shows, and where each number comes from.

>>> from ipt_evidence import EvidenceBase, Question, estimate
>>> base = EvidenceBase.load()
>>> answer = estimate(base, Question(condition="depression", comparison="control"))

The names below are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipt_evidence.citations.loading import LoadResult, load_citations
    from ipt_evidence.citations.tagging import tag_citations
    from ipt_evidence.citations.taxonomy import load_taxonomy
    from ipt_evidence.errors import EvidenceError
    from ipt_evidence.evidence.base import EvidenceBase
    from ipt_evidence.evidence.coverage import coverage
    from ipt_evidence.evidence.estimation import Estimate, Model, estimate
    from ipt_evidence.evidence.selection import Question, select
    from ipt_evidence.meta_analysis.dependent_effects import aggregate
    from ipt_evidence.meta_analysis.models import PooledEffect, pool
    from ipt_evidence.presentation.charts.forest import forest_plot
    from ipt_evidence.presentation.sentences import answer

__version__ = "0.1.0"

_HOME = {
    "EvidenceBase": "ipt_evidence.evidence.base",
    "EvidenceError": "ipt_evidence.errors",
    "Estimate": "ipt_evidence.evidence.estimation",
    "LoadResult": "ipt_evidence.citations.loading",
    "Model": "ipt_evidence.evidence.estimation",
    "PooledEffect": "ipt_evidence.meta_analysis.models",
    "Question": "ipt_evidence.evidence.selection",
    "aggregate": "ipt_evidence.meta_analysis.dependent_effects",
    "answer": "ipt_evidence.presentation.sentences",
    "coverage": "ipt_evidence.evidence.coverage",
    "estimate": "ipt_evidence.evidence.estimation",
    "forest_plot": "ipt_evidence.presentation.charts.forest",
    "load_citations": "ipt_evidence.citations.loading",
    "load_taxonomy": "ipt_evidence.citations.taxonomy",
    "pool": "ipt_evidence.meta_analysis.models",
    "select": "ipt_evidence.evidence.selection",
    "tag_citations": "ipt_evidence.citations.tagging",
}

__all__ = [
    "Estimate",
    "EvidenceBase",
    "EvidenceError",
    "LoadResult",
    "Model",
    "PooledEffect",
    "Question",
    "aggregate",
    "answer",
    "coverage",
    "estimate",
    "forest_plot",
    "load_citations",
    "load_taxonomy",
    "pool",
    "select",
    "tag_citations",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
