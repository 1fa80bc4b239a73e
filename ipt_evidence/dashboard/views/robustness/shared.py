"""What the panels on single trials share."""

from __future__ import annotations

from dataclasses import dataclass

from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.analysis import stem
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View, estimate_of

__all__ = ["Asked"]


@dataclass(frozen=True)
class Asked:
    """The view of the page and what follows from it."""

    view: View

    @property
    def question(self) -> Question:
        """The question of the page."""
        return self.view.question

    @property
    def model(self) -> Model:
        """The model of the page."""
        return self.view.model

    @property
    def answer(self) -> Estimate:
        """The estimate of the page."""
        return estimate_of(session.evidence(), self.view)

    @property
    def top(self) -> str:
        """The top-level condition, whose colour the figures carry."""
        return str(session.look(self.view).condition)

    @property
    def stem(self) -> str:
        """Stem of the names of files."""
        return stem(self.view)

    @property
    def labels(self) -> list[str]:
        """Names of the trials in their order."""
        return [str(label) for label in self.answer.trials["label"]]
