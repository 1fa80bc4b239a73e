"""What the lessons share: a figure with its words, and examples from the evidence base."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ipt_evidence.analyses import how_to_read
from ipt_evidence.analyses.lessons import heterogeneity, live
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.selection import Question
from ipt_evidence.figures.intervals import condition_intervals

__all__ = ["answer_for", "choose_example", "condition_label", "draw", "draw_rows"]


def draw(
    figure: go.Figure, key: str, twin: str, how: str, table: pd.DataFrame | None = None
) -> None:
    """Show a figure; under it the same facts in words and numbers, and how to read it."""
    show_figure(figure, key=key, name=f"ipt-learn-{key}", alt=twin, table=table, how_to_read=how)


def draw_rows(key: str, make: Callable[..., pd.DataFrame], *about: Hashable) -> None:
    """Show the intervals that ``make(base, *about)`` gives, one row each.

    ``make`` is called once for all sessions, as by `session.recall`.
    """
    look = session.is_dark(), session.is_narrow()
    figure, twin, table = session.recall(_intervals, make, about, *look)
    draw(figure, key, twin, how_to_read.INTERVALS, table)


def _intervals(
    base: EvidenceBase,
    make: Callable[..., pd.DataFrame],
    about: tuple[Hashable, ...],
    dark: bool,
    compact: bool,
) -> tuple[go.Figure, str, pd.DataFrame]:
    rows = make(base, *about)
    figure = condition_intervals(rows, dark=dark, compact=compact)
    return figure, heterogeneity.rows_twin(rows), heterogeneity.rows_table(rows)


def answer_for(condition: str, *left_out: str) -> Estimate:
    """The estimate of IPT against control in a condition, without some of its trials."""
    question = Question(condition, live.EXAMPLE_COMPARISON).without(*left_out)
    return session.answer(question, Model())


def condition_label(condition: str) -> str:
    """The name of a condition as readers know it."""
    return str(session.evidence().taxonomy.condition(condition).label)


def choose_example() -> tuple[str, Estimate]:
    """A condition with some trials against control (``?example=``), and its estimate."""
    conditions = live.example_conditions(session.gap_cells())
    chosen = str(
        address.one_of(
            st.pills,
            "Trials of IPT against control in",
            conditions,
            key="example",
            default=conditions[0],
            format_func=condition_label,
            required=True,
            wrap=True,
        )
    )
    return chosen, answer_for(chosen)
