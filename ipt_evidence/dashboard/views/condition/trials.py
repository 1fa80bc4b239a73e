"""The trials: forest plot in order and in groups, and the estimate in full."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from ipt_evidence.analyses import answer as words
from ipt_evidence.analyses.differences.grouping import Grouped, grouped
from ipt_evidence.analyses.forest import panel as trial_words
from ipt_evidence.analyses.forest.columns import COMPARATOR_ROOM
from ipt_evidence.analyses.forest.confidence_curves import confidence_curves
from ipt_evidence.analyses.forest.drapery import drapery_plot, drapery_scale
from ipt_evidence.analyses.forest.figure import forest_plot
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import view_controls
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.components.trial import clicked
from ipt_evidence.dashboard.views.condition.shared import Look, Picture, look, show_picture
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.selection import Question
from ipt_evidence.wording import sentences, tables

__all__ = ["show"]

WIDE_COMPARATOR = 260.0  # pixels


def show(answer: Estimate) -> None:
    """Forest plot, what its groups say, and the estimate in full."""
    question, model = answer.selection.question, answer.model
    if answer.trials.empty and not question.excluded:
        _nothing(answer)
        return
    kind = "forest"
    if answer.k > 1:
        kind = view_controls.choose_kind(trial_words.KINDS)
    if kind == "drapery":
        picture = session.recall(_drapery, question, model, look(answer))
        show_picture(picture, answer, "drapery", partial(clicked, "drapery"))
    else:
        _forest_in_order(answer)
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


def _forest_in_order(answer: Estimate) -> None:
    """The forest plot with its order, groups and columns."""
    question, model = answer.selection.question, answer.model
    with st.container(horizontal=True, vertical_alignment="center", key="forest-controls"):
        order = view_controls.choose_order(trial_words.ORDERS)
        by = view_controls.choose_group(trial_words.GROUP_NAMES)
        arms = not session.is_narrow() and view_controls.choose_arms()
    picture = session.recall(_forest, question, model, order, by, arms, look(answer))
    show_picture(picture, answer, "forest", partial(clicked, "forest"))
    if by is not None and not answer.trials.empty:
        _groups(answer, by)


def _grouped(base: EvidenceBase, question: Question, model: Model, by: str) -> Grouped:
    return grouped(base, session.answer(question, model), by)


def _forest(
    base: EvidenceBase,
    question: Question,
    model: Model,
    order: str,
    by: str | None,
    arms: bool,
    look: Look,
) -> Picture:
    answer = session.answer(question, model)
    groups = None
    if by is not None and not answer.trials.empty:
        groups = session.recall(_grouped, question, model, by)
    rows = trial_words.plotted(answer, order, groups)
    figure = forest_plot(
        rows,
        answer.pooled,
        group=None if groups is None else "group",
        group_pooled={} if groups is None else trial_words.group_pooled(groups),
        group_note="" if groups is None else trial_words.group_note(groups),
        columns="both" if look.wide and arms else "arms" if arms else "comparator",
        max_comparator=WIDE_COMPARATOR if look.wide else COMPARATOR_ROOM,
        **look.drawing,
    )
    alt = trial_words.forest_twin(rows, answer, groups)
    return Picture(figure, alt, trial_words.forest_table(rows), trial_words.HOW_TO_READ_FOREST)


def _drapery(base: EvidenceBase, question: Question, model: Model, look: Look) -> Picture:
    answer = session.answer(question, model)
    scale = drapery_scale(answer.trials, look.compact)
    curves = confidence_curves(answer, scale.lower, scale.upper)
    figure = drapery_plot(
        answer.trials,
        curves.effects,
        curves.trials,
        curves.pooled,
        curves.predicted,
        **look.drawing,
    )
    return Picture(
        figure,
        trial_words.drapery_twin(answer),
        tables.trials_table(trial_words.plotted(answer, "effect")),
        trial_words.HOW_TO_READ_DRAPERY,
    )


def _groups(answer: Estimate, by: str) -> None:
    question = answer.selection.question
    sentence, table = session.recall(_difference, question, answer.model, by)
    st.subheader("Do the groups differ?", anchor=False)
    st.markdown(escape(sentence))
    name = f"ipt-{question.condition}-{question.comparison}-by-{by.replace('_', '-')}"
    show_table(table, key="groups", name=name, caption="Do the groups differ?")


def _difference(
    base: EvidenceBase, question: Question, model: Model, by: str
) -> tuple[str, pd.DataFrame]:
    groups = _grouped(base, question, model, by)
    return trial_words.group_sentence(groups), trial_words.group_table(groups)


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
