"""The fragility card: how much the conclusion of a page hangs on, in a sentence and a figure."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ipt_evidence.analyses.fragility import panel as words
from ipt_evidence.analyses.fragility import ranges as ranges
from ipt_evidence.analyses.fragility.figure import ranges_plot
from ipt_evidence.analyses.fragility.result import Fragility, fragility
from ipt_evidence.analyses.multiverse.result import Curve, specifications
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Model
from ipt_evidence.evidence.selection import Question

__all__ = ["curve_of", "fragility_card", "fragility_of", "fragility_ranges"]


def curve_of(base: EvidenceBase, question: Question, model: Model) -> Curve:
    """Every specification of a question, for `session.recall`."""
    return specifications(base, session.answer(question, model))


def fragility_of(base: EvidenceBase, question: Question, model: Model, bound: float) -> Fragility:
    """The fragility of an answer, for `session.recall`."""
    curve = session.recall(curve_of, question, model)
    answer = session.answer(question, model)
    return fragility(base, answer, smallest_worthwhile=bound, curve=curve)


def _figure(
    base: EvidenceBase,
    question: Question,
    model: Model,
    found: Fragility,
    *,
    dark: bool,
    compact: bool,
) -> go.Figure:
    top = base.taxonomy.with_parents([str(question.condition)])[-1]
    rows = ranges.ranges_frame(found)
    bound = found.smallest_worthwhile
    return ranges_plot(rows, bound, condition=top, dark=dark, compact=compact)


def _told(_: EvidenceBase, found: Fragility) -> tuple[str, pd.DataFrame, pd.DataFrame]:
    """The figure in words and as a table, and every number behind it."""
    table = ranges.ranges_frame(found).drop(columns="id")
    return ranges.ranges_twin(found), table, ranges.fragility_table(found)


def fragility_card(question: Question, model: Model, bound: float) -> None:
    """Show how fragile the answer is: a sentence, the ranges, what would change it, all numbers.

    ``bound`` is the smallest effect worth having (`worthwhile.choose_worthwhile`).
    """
    found = session.recall(fragility_of, question, model, bound)
    with st.container(key="fragility"):
        st.markdown(escape(words.fragility_sentence(found, str(question.comparison))))
        fragility_ranges(question, model, found)


def fragility_ranges(question: Question, model: Model, found: Fragility) -> None:
    """The card without its sentence, for a page that has said it already."""
    if found.k < 2:
        return
    stem = f"ipt-{question.condition}-{question.comparison}-fragility"
    twin, table, numbers = session.recall(_told, found)
    look = {"dark": session.is_dark(), "compact": session.is_narrow()}
    show_figure(
        session.recall(_figure, question, model, found, **look),
        key="fragility-ranges",
        name=stem,
        alt=twin,
        table=table,
        how_to_read=ranges.HOW_TO_READ,
    )
    if ahead := words.outlook(found):
        st.markdown(escape(ahead))
    with st.expander("Every number behind this", icon=":material/table_rows:"):
        show_table(numbers, key="fragility-numbers", name=f"{stem}-numbers")
