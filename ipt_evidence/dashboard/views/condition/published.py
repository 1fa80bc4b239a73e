"""What published meta-analyses found, beside our own estimate."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ipt_evidence.analyses.published import panel as published_words
from ipt_evidence.analyses.published.figure import published_comparison
from ipt_evidence.analyses.published.overlap import overlaps
from ipt_evidence.analyses.published.result import published_effects
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.condition.shared import Look, Picture, look, show_picture
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.selection import Question

__all__ = ["show"]


def show(answer: Estimate) -> None:
    """Published effects as a figure and as a table."""
    question, model = answer.selection.question, answer.model
    table = session.recall(_table, question, model)
    if table.empty:
        st.markdown("No published meta-analysis of IPT on this question is in the base.")
        return
    st.markdown(published_words.PUBLISHED_EXPLAINED)
    picture = session.recall(_picture, question, model, look(answer))
    if picture is not None:
        show_picture(picture, answer, "published")
    st.markdown(escape(session.recall(_overlap, question, model)))
    show_table(
        table,
        key="published-table",
        name=f"ipt-{question.condition}-{question.comparison}-published-all",
        column_config={"Source": st.column_config.LinkColumn(display_text="Open")},
    )


def _table(base: EvidenceBase, question: Question, model: Model) -> pd.DataFrame:
    return _described(base, question, model, published_effects(base, question))


def _described(
    base: EvidenceBase, question: Question, model: Model, rows: pd.DataFrame
) -> pd.DataFrame:
    answer = session.answer(question, model)
    labels = dict(zip(base.studies["study_id"], base.studies["label"], strict=True))
    return published_words.published_table(rows, overlaps(base, answer, rows), answer.k, labels)


def _overlap(base: EvidenceBase, question: Question, model: Model) -> str:
    answer = session.answer(question, model)
    found = overlaps(base, answer, published_effects(base, question))
    return published_words.overlap_sentence(found, answer.k)


def _picture(base: EvidenceBase, question: Question, model: Model, look: Look) -> Picture | None:
    answer = session.answer(question, model)
    rows = published_words.comparable(base, question, published_effects(base, question))
    if rows.empty:
        return None
    return Picture(
        published_comparison(rows, answer.pooled, **look.drawing),
        published_words.published_twin(rows, answer.pooled),
        _described(base, question, model, rows),
        published_words.HOW_TO_READ_PUBLISHED,
    )
