"""The Condition page: how well IPT works here, against what, and how sure that is.

The answer stands on top; below it one section at a time is open, and only that one is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd
import streamlit as st

from ipt_evidence.analyses import answer as words
from ipt_evidence.analyses.certainty.result import Certainty, assess
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import controls, view_controls
from ipt_evidence.dashboard.components import trial as trial_panel
from ipt_evidence.dashboard.components.analysis import show_analysis
from ipt_evidence.dashboard.components.badges import certainty_badge
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.condition import (
    certainty,
    differences,
    human,
    robustness,
    take_away,
    trials,
)
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View

__all__ = ["render"]


def _funnel(answer: Estimate) -> None:
    show_analysis("funnel", View(answer.selection.question, answer.model))


def _published(answer: Estimate) -> None:
    show_analysis("published", View(answer.selection.question, answer.model))


def _over_time(answer: Estimate) -> None:
    show_analysis("over-time", View(answer.selection.question, answer.model))


SECTIONS: dict[str, tuple[str, Callable[[Estimate], None]]] = {
    "trials": ("Trials", trials.show),
    "certainty": ("How sure", certainty.show),
    "robustness": ("Does it hold up?", robustness.show),
    "differences": ("Why results differ", differences.show),
    "small-studies": ("Small studies", _funnel),
    "over-time": ("Over time", _over_time),
    "published": ("Published reviews", _published),
    "human": ("In human units", human.show),
}


def render() -> None:
    """Answer, the open section, what was left out, downloads."""
    base = session.evidence()
    with st.container(horizontal=True, vertical_alignment="bottom", key="question"):
        condition = controls.choose_condition(base.taxonomy)
        comparison = controls.choose_comparison(base.taxonomy)
    with st.container(horizontal=True, key="choices"):
        question = controls.choose_trials(condition, comparison)
        model = controls.choose_model()
    answer = session.answer(question, model)
    said = session.recall(_said, question, model)
    with st.container(key="answer"):
        st.title(said.title, anchor=False)
        st.markdown(said.answer)
    take_away.cited_notice(answer)
    if answer.pooled is not None:
        certainty_badge(said.certainty)
    if question.excluded:
        trial_panel.chips(answer, session.answer(replace(question, excluded=()), model))
    st.caption(said.basis)
    _cautions(said.cautions)
    _section(answer)
    trial_panel.open_study(answer)
    _left_out(answer)
    take_away.show(answer, _stem(answer))


class _Said(NamedTuple):
    """What stands above the sections, as Markdown."""

    title: str
    answer: str
    basis: str
    cautions: tuple[str, ...]
    certainty: Certainty


def _said(base: EvidenceBase, question: Question, model: Model) -> _Said:
    answer = session.answer(question, model)
    return _Said(
        title=escape(words.title(base, question)),
        answer=escape(words.answer_sentence(base, answer)),
        basis=escape(words.basis(base, answer)),
        cautions=tuple(map(escape, words.cautions(base, answer))),
        certainty=assess(base, answer),
    )


def _cautions(notes: Sequence[str]) -> None:
    """What to bear in mind: open where there is room, folded on a phone."""
    if not notes:
        return
    title = f"To bear in mind ({len(notes)})"
    with st.expander(title, expanded=not session.is_narrow(), icon=":material/info:"):
        st.markdown("\n".join(f"- {note}" for note in notes))


def _section(answer: Estimate) -> None:
    name = view_controls.choose_section({key: label for key, (label, _) in SECTIONS.items()})
    with st.container(key=f"section-{name}"):
        SECTIONS[name][1](answer)


def _left_out(answer: Estimate) -> None:
    table = session.recall(_left_out_table, answer.selection.question, answer.model)
    if table.empty:
        return
    st.header("Not in this estimate", anchor=False)
    with st.expander(f"{len(table)} results that were not used, each with its reason"):
        show_table(table, key="left-out", name=f"{_stem(answer)}-not-used")


def _left_out_table(base: EvidenceBase, question: Question, model: Model) -> pd.DataFrame:
    return words.left_out_table(session.answer(question, model))


def _stem(answer: Estimate) -> str:
    question = answer.selection.question
    return f"ipt-{question.condition}-{question.comparison}"
