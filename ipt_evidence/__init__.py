"""What the evidence for Interpersonal Psychotherapy (IPT) shows, and where each number comes from.

>>> from ipt_evidence import EvidenceBase, Question, estimate
>>> base = EvidenceBase.load()
>>> answer = estimate(base, Question(condition="depression", comparison="control"))

The names below are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ipt_evidence.about import VERSION

if TYPE_CHECKING:
    from ipt_evidence.analyses.forest.figure import forest_plot
    from ipt_evidence.analyses.fragility.result import fragility
    from ipt_evidence.analyses.gap_map.result import coverage
    from ipt_evidence.analyses.multiverse.result import specifications
    from ipt_evidence.analyses.published.result import published_effects
    from ipt_evidence.citations.deduplication import deduplicate
    from ipt_evidence.citations.loading import LoadResult, load_citations
    from ipt_evidence.citations.tagging import tag_citations
    from ipt_evidence.citations.taxonomy import load_taxonomy
    from ipt_evidence.errors import EvidenceError
    from ipt_evidence.evidence.base import EvidenceBase
    from ipt_evidence.evidence.estimation import Estimate, Model, estimate
    from ipt_evidence.evidence.selection import Question, select
    from ipt_evidence.evidence.starting import start_base
    from ipt_evidence.evidence.view import View
    from ipt_evidence.exchange.bundle import bundle
    from ipt_evidence.figures.look import Look
    from ipt_evidence.meta_analysis.dependent_effects import aggregate
    from ipt_evidence.meta_analysis.gosh import gosh
    from ipt_evidence.meta_analysis.models import PooledEffect, pool
    from ipt_evidence.wording.sentences import answer

__version__ = VERSION

_HOME = {
    "Estimate": "ipt_evidence.evidence.estimation",
    "EvidenceBase": "ipt_evidence.evidence.base",
    "EvidenceError": "ipt_evidence.errors",
    "LoadResult": "ipt_evidence.citations.loading",
    "Look": "ipt_evidence.figures.look",
    "Model": "ipt_evidence.evidence.estimation",
    "PooledEffect": "ipt_evidence.meta_analysis.models",
    "Question": "ipt_evidence.evidence.selection",
    "View": "ipt_evidence.evidence.view",
    "aggregate": "ipt_evidence.meta_analysis.dependent_effects",
    "answer": "ipt_evidence.wording.sentences",
    "bundle": "ipt_evidence.exchange.bundle",
    "coverage": "ipt_evidence.analyses.gap_map.result",
    "deduplicate": "ipt_evidence.citations.deduplication",
    "estimate": "ipt_evidence.evidence.estimation",
    "forest_plot": "ipt_evidence.analyses.forest.figure",
    "fragility": "ipt_evidence.analyses.fragility.result",
    "gosh": "ipt_evidence.meta_analysis.gosh",
    "load_citations": "ipt_evidence.citations.loading",
    "load_taxonomy": "ipt_evidence.citations.taxonomy",
    "pool": "ipt_evidence.meta_analysis.models",
    "published_effects": "ipt_evidence.analyses.published.result",
    "select": "ipt_evidence.evidence.selection",
    "specifications": "ipt_evidence.analyses.multiverse.result",
    "start_base": "ipt_evidence.evidence.starting",
    "tag_citations": "ipt_evidence.citations.tagging",
}

__all__ = [
    "Estimate",
    "EvidenceBase",
    "EvidenceError",
    "LoadResult",
    "Look",
    "Model",
    "PooledEffect",
    "Question",
    "View",
    "aggregate",
    "answer",
    "bundle",
    "coverage",
    "deduplicate",
    "estimate",
    "forest_plot",
    "fragility",
    "gosh",
    "load_citations",
    "load_taxonomy",
    "pool",
    "published_effects",
    "select",
    "specifications",
    "start_base",
    "tag_citations",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
