"""What the lessons share: a figure with its words, and examples from the evidence base."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ipt_evidence.analyses.lessons.figure import intervals
from ipt_evidence.analyses.lessons.heterogeneity import rows_panel
from ipt_evidence.analyses.lessons.lesson import example, example_conditions
from ipt_evidence.analyses.panel import Panel
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.estimation import Estimate

__all__ = ["choose_example", "condition_label", "draw", "draw_rows"]


def draw(key: str, figure: go.Figure, panel: Panel) -> None:
    """Show a figure; under it the same facts in words and numbers, and how to read it."""
    show_figure(
        figure,
        key=key,
        name=f"ipt-learn-{key}",
        alt=panel.text_alternative,
        table=panel.table,
        how_to_read=panel.how_to_read,
    )


def draw_rows(key: str, rows: pd.DataFrame) -> None:
    """Show estimates with both of their intervals, one a row."""
    draw(key, intervals(rows, session.look()), rows_panel(rows))


def condition_label(condition: str) -> str:
    """The name of a condition as readers know it."""
    return str(session.evidence().taxonomy.condition(condition).label)


def choose_example() -> tuple[str, Estimate]:
    """A condition with some trials against control (``?example=``), and its estimate."""
    base = session.evidence()
    conditions = example_conditions(base)
    chosen = str(
        address.one_of(
            st.pills,
            "Trials of IPT against control in",
            conditions,
            key="example",
            default=conditions[0],
            format_func=lambda c: escape(condition_label(c)),
            required=True,
            wrap=True,
        )
    )
    return chosen, example(base, chosen)
