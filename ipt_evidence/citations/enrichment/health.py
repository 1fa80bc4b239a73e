"""How each service did: asked, answered, empty, failed. Nothing fails in silence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ipt_evidence.citations.enrichment.settings import SERVICES
from ipt_evidence.errors import ServiceError

__all__ = ["Health"]


@dataclass(slots=True)
class Health:
    """What became of the questions to one service.

    Counted are records and searches, not HTTP requests: a batch of 100 DOIs that fails counts 100.
    ``asked == answered + empty + failed`` always. ``requests`` is how often the wire was used,
    ``from_cache`` how many replies were still fresh on disk, ``retried`` how often a request was
    made again.
    """

    service: str
    asked: int = 0
    answered: int = 0
    empty: int = 0
    failed: int = 0
    requests: int = 0
    from_cache: int = 0
    retried: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def answer(self, found: int, asked: int) -> None:
        """``asked`` records were asked for and ``found`` of them are known to the service."""
        self.asked += asked
        self.answered += min(found, asked)
        self.empty += max(0, asked - found)

    def fail(self, error: ServiceError, asked: int = 1) -> None:
        """``asked`` records got no answer, because of ``error``."""
        self.asked += asked
        self.failed += asked
        name = type(error).__name__
        self.reasons[name] += asked
        self.examples.setdefault(name, str(error))

    def line(self) -> str:
        """``Crossref: 10 asked, 8 answered, 1 empty, 1 failed (Unavailable: 1)``."""
        label = SERVICES[self.service].label
        text = (
            f"{label}: {self.asked:,} asked, {self.answered:,} answered, {self.empty:,} empty, "
            f"{self.failed:,} failed"
        )
        if self.reasons:
            why = ", ".join(f"{name}: {count:,}" for name, count in self.reasons.most_common())
            text += f" ({why})"
        return text

    def to_dict(self) -> dict[str, object]:
        """Plain values, as a run's log keeps them."""
        return {
            "service": self.service,
            "asked": self.asked,
            "answered": self.answered,
            "empty": self.empty,
            "failed": self.failed,
            "reasons": dict(self.reasons),
            "examples": dict(self.examples),
        }
