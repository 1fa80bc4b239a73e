"""What published meta-analyses found, beside our own estimate."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.views.condition.shared import file_stem, look
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.published import published_effects
from ipt_evidence.presentation import condition as words
from ipt_evidence.presentation.charts.published import published_comparison

__all__ = ["show"]


def show(answer: Estimate) -> None:
    """Published effects as a figure and as a table."""
    base = session.evidence()
    question = answer.selection.question
    rows = published_effects(base, question)
    if rows.empty:
        st.markdown("No published meta-analysis of IPT on this question is in the base.")
        return
    st.markdown(words.PUBLISHED_EXPLAINED)
    drawn = words.comparable(base, question, rows)
    if not drawn.empty:
        show_figure(
            published_comparison(drawn, answer.pooled, **look(answer)),
            key="published",
            name=file_stem(answer, "published"),
            alt=words.published_twin(drawn, answer.pooled),
            table=words.published_table(drawn),
        )
    st.dataframe(
        words.published_table(rows),
        hide_index=True,
        column_config={"Source": st.column_config.LinkColumn(display_text="Open")},
    )
