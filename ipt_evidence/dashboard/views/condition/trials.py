"""The trials: forest plot in order and in groups, and the estimate in full."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import controls
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.condition import study
from ipt_evidence.dashboard.views.condition.shared import file_stem, look
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.grouping import Grouped
from ipt_evidence.presentation import condition as words
from ipt_evidence.presentation import sentences, tables
from ipt_evidence.presentation.charts.forest import forest_plot
from ipt_evidence.presentation.condition import trials as trial_words

__all__ = ["show"]


def show(answer: Estimate) -> None:
    """Forest plot, what its groups say, and the estimate in full."""
    if answer.trials.empty and not answer.selection.question.excluded:
        st.markdown(escape(words.empty(answer)))
        return
    groups = _controls(answer)
    _forest(answer, groups)
    if groups is not None:
        _groups(groups)
    _numbers(answer)


def _controls(answer: Estimate) -> Grouped | None:
    with st.container(horizontal=True, vertical_alignment="center", key="forest-controls"):
        st.session_state["order:chosen"] = controls.choose_order(words.ORDERS)
        by = controls.choose_group(trial_words.GROUP_NAMES)
    if by is None or answer.trials.empty:
        return None
    return session.grouped(answer.selection.question, answer.model, by)


def _forest(answer: Estimate, groups: Grouped | None) -> None:
    order = str(st.session_state["order:chosen"])
    rows = words.plotted(answer, order, groups)
    figure = forest_plot(
        rows,
        answer.pooled,
        group=None if groups is None else "group",
        group_pooled={} if groups is None else trial_words.group_pooled(groups, answer),
        group_note="" if groups is None else trial_words.group_note(groups),
        selected=st.session_state.get("study"),
        raw=session.is_wide(),
        **look(answer),
    )
    show_figure(
        figure,
        key="forest",
        name=file_stem(answer, "forest"),
        alt=sentences.text_twin(rows, answer.pooled),
        table=tables.trials_table(rows),
        on_select=partial(study.clicked, "forest"),
        how_to_read=trial_words.HOW_TO_READ_FOREST,
    )


def _groups(groups: Grouped) -> None:
    st.subheader("Do the groups differ?", anchor=False)
    st.markdown(escape(trial_words.group_sentence(groups)))
    table = trial_words.group_table(groups)
    if not table.empty:
        st.table(table.set_index(table.columns[0]))


def _numbers(answer: Estimate) -> None:
    if answer.pooled is None:
        return
    st.header("The estimate in full", anchor=False)
    left, right = st.columns([1, 1], gap="large")
    with left:
        st.table(tables.pooled_table(answer.pooled).set_index("Quantity"))
    with right:
        st.markdown(escape(sentences.heterogeneity(answer.pooled)))
        st.markdown(words.HOW_TO_READ)
