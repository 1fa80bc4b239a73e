"""The trials: forest plot in order and in groups, and the estimate in full."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ipt_evidence.analyses import answer as words
from ipt_evidence.analyses.forest.panel import FIGURE
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components.analysis import choose, show_analysis
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View
from ipt_evidence.wording import sentences, tables

__all__ = ["show"]


def show(answer: Estimate) -> None:
    """Forest plot or drapery plot, what the groups say, and the estimate in full."""
    if answer.trials.empty and not answer.selection.question.excluded:
        _nothing(answer)
        return
    figure = choose(FIGURE) if answer.k > 1 else "forest"
    show_analysis(figure, View(answer.selection.question, answer.model))
    _numbers(answer)


def _nothing(answer: Estimate) -> None:
    """Why there is nothing to draw, and where there is something for the same condition."""
    st.markdown(escape(words.empty(answer)))
    elsewhere = session.recall(_elsewhere, answer.selection.question)
    if elsewhere:
        condition = str(answer.selection.question.condition)
        st.markdown("For this condition there are trials of IPT against something else:")
        for comparison, label in elsewhere:
            navigation.link(
                "condition", label, ":material/arrow_forward:",
                condition=condition, comparison=comparison,
            )  # fmt: skip


def _elsewhere(base: EvidenceBase, question: Question) -> list[tuple[str, str]]:
    return words.elsewhere(base, question)


def _numbers(answer: Estimate) -> None:
    if answer.pooled is None:
        return
    st.header("The estimate in full", anchor=False)
    left, right = st.columns([1, 1], gap="large")
    with left:
        question = answer.selection.question
        table = session.recall(_in_full, question, answer.model)
        name = f"ipt-{question.condition}-{question.comparison}-estimate"
        wide = {"Quantity": {"width": "large"}}
        show_table(table, key="in-full", name=name, column_config=wide)
    with right:
        spread = escape(sentences.heterogeneity(answer.pooled))
        st.markdown(f"{spread}\n\n{words.HOW_TO_READ}")


def _in_full(base: EvidenceBase, question: Question, model: Model) -> pd.DataFrame:
    pooled = session.answer(question, model).pooled
    return pd.DataFrame() if pooled is None else tables.pooled_table(pooled)
