"""What the sections of the Condition page share: the look of figures, and how one is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View
from ipt_evidence.figures.look import Look

__all__ = ["Look", "Picture", "look", "show_picture"]


@dataclass(frozen=True)
class Picture:
    """A figure with its twin in words and as a table, and how to read it."""

    figure: go.Figure
    alt: str
    table: pd.DataFrame
    how_to_read: str


def look(answer: Estimate) -> Look:
    """The look of the figures now: the condition's colour, the reader's theme and screen."""
    return session.look(View(answer.selection.question))


def show_picture(
    picture: Picture, answer: Estimate, key: str, on_select: Callable[[], None] | None = None
) -> None:
    """Show a figure of this page; its files are named after the question."""
    question = answer.selection.question
    show_figure(
        picture.figure,
        key=key,
        name=f"ipt-{question.condition}-{question.comparison}-{key}",
        alt=picture.alt,
        table=picture.table,
        on_select=on_select,
        how_to_read=picture.how_to_read,
    )
