"""What the panels of the Robustness page share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from ipt_evidence.analyses.fragility.result import Fragility, fragility
from ipt_evidence.analyses.multiverse.result import Curve, specifications
from ipt_evidence.dashboard import session
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model, estimate
from ipt_evidence.evidence.selection import Question

__all__ = ["Asked", "Same", "curve_of", "fragile"]


class Same:
    """A large result as part of a key of `session.recall`: equal when it is the very same."""

    def __init__(self, result: object) -> None:
        """Hold on to ``result``, so that its identity stays its own."""
        self.result = result

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.result is self.result

    def __hash__(self) -> int:
        return id(self.result)


@dataclass(frozen=True)
class Asked:
    """The question of the page, its model, the smallest effect worth having, and its answer."""

    question: Question
    model: Model
    bound: float
    answer: Estimate = field(compare=False)

    @property
    def top(self) -> str:
        """The top-level condition, whose colour the figures carry."""
        taxonomy = session.evidence().taxonomy
        return str(taxonomy.with_parents([str(self.question.condition)])[-1])

    @property
    def stem(self) -> str:
        """Stem of the names of files."""
        return f"ipt-{self.question.condition}-{self.question.comparison}"

    @property
    def labels(self) -> list[str]:
        """Names of the trials in their order."""
        return [str(label) for label in self.answer.trials["label"]]


def curve_of(
    base: EvidenceBase, report: Callable[[float], None], question: Question, model: Model
) -> Curve:
    """Every specification of a question, for `live`."""
    return specifications(base, estimate(base, question, model), report)


def fragile(base: EvidenceBase, asked: Asked, curve: Same) -> Fragility:
    """The fragility of the answer, given its specifications; for `session.recall`."""
    return fragility(
        base,
        asked.answer,
        smallest_worthwhile=asked.bound,
        curve=cast(Curve, curve.result),
    )
