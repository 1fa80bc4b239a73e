"""What the sections of the Condition page share."""

from __future__ import annotations

from typing import Any

from ipt_evidence.dashboard import session
from ipt_evidence.evidence.estimation import Estimate

__all__ = ["file_stem", "look", "top_condition"]


def top_condition(answer: Estimate) -> str:
    """The top-level condition of the page, whose colour the figures carry."""
    condition = str(answer.selection.question.condition)
    return session.evidence().taxonomy.with_parents([condition])[-1]


def look(answer: Estimate) -> dict[str, Any]:
    """How a figure of this page is drawn: colour, theme and room."""
    return {
        "condition": top_condition(answer),
        "dark": session.is_dark(),
        "compact": session.is_narrow(),
    }


def file_stem(answer: Estimate, figure: str) -> str:
    """The name under which a figure of this page is saved."""
    question = answer.selection.question
    return f"ipt-{question.condition}-{question.comparison}-{figure}"
