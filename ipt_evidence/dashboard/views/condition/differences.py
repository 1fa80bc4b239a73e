"""What explains differences: every grouping at a glance, and meta-regression on a number."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ipt_evidence.analyses.differences import panel as words
from ipt_evidence.analyses.differences.explanation import MODERATORS, Explanation, explanation
from ipt_evidence.analyses.differences.figure import bubble_plot
from ipt_evidence.analyses.differences.grouping import GROUPINGS, Grouped, grouped
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.components.trial import clicked
from ipt_evidence.dashboard.views.condition.shared import Look, Picture, look, show_picture
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.selection import Question
from ipt_evidence.figures.estimate_rows import estimate_rows

__all__ = ["show"]

LEAST = 3  # trials; fewer cannot differ by more than two results do


def show(answer: Estimate) -> None:
    """Groups side by side, then one number of the trials against their effects."""
    if answer.k < LEAST:
        st.markdown("There are too few trials to compare: this needs three or more.")
        return
    question, model = answer.selection.question, answer.model
    st.markdown(words.LEAD)
    st.subheader("Groups of trials", anchor=False)
    groups = session.recall(_all_groups, question, model)
    st.markdown(escape(words.groups_twin(groups)))
    show_picture(session.recall(_groups_picture, question, model, look(answer)), answer, "groups")
    st.subheader("One number of the trials", anchor=False)
    moderator = address.one_of(
        st.segmented_control,
        "Number of the trials",
        list(MODERATORS),
        key="moderator",
        default=MODERATORS[0],
        format_func=words.MODERATOR_NAMES.__getitem__,
        required=True,
        wrap=True,
        label_visibility="collapsed",
    )
    found = session.recall(_explained, question, model, str(moderator))
    st.markdown(escape(words.regression_sentence(found)))
    picture = session.recall(_bubbles, question, model, str(moderator), look(answer))
    show_picture(picture, answer, "bubbles", partial(clicked, "bubbles"))


def _all_groups(base: EvidenceBase, question: Question, model: Model) -> tuple[Grouped, ...]:
    answer = session.answer(question, model)
    return tuple(grouped(base, answer, by) for by in GROUPINGS)


def _groups_picture(base: EvidenceBase, question: Question, model: Model, look: Look) -> Picture:
    answer = session.answer(question, model)
    groups = session.recall(_all_groups, question, model)
    rows = words.groups_rows(groups)
    figure = estimate_rows(
        rows,
        answer.pooled,
        empty="All trials are alike in what is known of them.",
        label_heading="Group",
        key=words.GROUPS_KEY,
        **look.drawing,
    )
    return Picture(
        figure, words.groups_twin(groups), words.groups_table(rows), words.HOW_TO_READ_GROUPS
    )


def _explained(base: EvidenceBase, question: Question, model: Model, moderator: str) -> Explanation:
    return explanation(session.answer(question, model), moderator)


def _bubbles(
    base: EvidenceBase, question: Question, model: Model, moderator: str, look: Look
) -> Picture:
    found = session.recall(_explained, question, model, moderator)
    figure = bubble_plot(
        found.trials,
        words.AXES[moderator],
        grid=found.grid,
        line=found.line,
        note=words.regression_note(found),
        **look.drawing,
    )
    return Picture(
        figure,
        words.regression_twin(found),
        words.regression_table(found),
        words.HOW_TO_READ_BUBBLES,
    )
