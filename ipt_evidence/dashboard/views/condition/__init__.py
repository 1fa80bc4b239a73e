"""The Condition page: how well IPT works here, against what, and how sure that is.

The answer stands on top; below it one section at a time is open, and only that one is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from ipt_evidence.analyses import answer as words
from ipt_evidence.analyses.gap_map.panel import opened_by
from ipt_evidence.analyses.lessons import LESSONS
from ipt_evidence.analyses.panel import Option
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import controls
from ipt_evidence.dashboard.components import trial as trial_panel
from ipt_evidence.dashboard.components.analysis import choose
from ipt_evidence.dashboard.components.certainty_panel import certainty_badge
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.condition import export
from ipt_evidence.dashboard.views.condition.sections import LESSON_OF, SECTIONS
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.wording.phrases import counted

__all__ = ["render"]


def _section() -> str:
    """The section that is open (``?section=``)."""
    hidden = navigation.NOT_IN_CLASS if session.classroom() else ()
    labels = {name: label for name, (label, _) in SECTIONS.items() if name not in hidden}
    option = Option("section", "Section of the page", labels)
    return str(choose(option, pills=session.is_narrow()))


def render() -> None:
    """Answer, the open section, what was left out, downloads."""
    base = session.evidence()
    with st.container(horizontal=True, vertical_alignment="top", key="question"):
        condition = controls.choose_condition(base.taxonomy)
        comparison = controls.choose_comparison(base.taxonomy, condition)
    title = navigation.page_title(words.versus(base.taxonomy, condition, comparison))
    st.set_page_config(page_title=title)
    with st.container(horizontal=True, key="choices"):
        question = controls.choose_trials(condition, comparison)
        view = View(question, controls.choose_model())
        controls.narrow_quickly(question)
        controls.leave_out_conditions(condition, comparison)
    answer, said = estimate_of(base, view), words.headline(base, view)
    with st.container(key="answer"):
        st.title(escape(said.title), anchor=False)
        st.markdown(escape(said.answer))
    export.cited_notice(view)
    certainty_badge(view)
    if question.excluded:
        whole = replace(view, question=replace(question, excluded=()))
        trial_panel.chips(answer, estimate_of(base, whole))
    st.caption(escape(said.basis))
    _cautions(said.cautions)
    _broader_and_narrower(condition, comparison)
    section = _section()
    with st.container(key=f"section-{section}"):
        SECTIONS[section][1](view)
    if lesson := LESSONS.get(LESSON_OF.get(section, "")):
        navigation.link("learn", f"Lesson: {lesson.title}", ":material/school:", topic=lesson.id)
    trial_panel.open_study(answer)
    stem = f"ipt-{question.condition}-{question.comparison}"
    _left_out(answer, stem)
    export.show(view, stem)


def _broader_and_narrower(condition: str, comparison: str) -> None:
    """Links to the pages of the condition of which this is a part, and of its own parts."""
    base = session.evidence()
    taxonomy = base.taxonomy
    parent = taxonomy.condition(condition).parent
    links = [(parent, f"Part of: {taxonomy.condition(parent).label}")] if parent else []
    links += [
        (child, f"Only: {taxonomy.condition(child).label}") for child in opened_by(base, condition)
    ]
    if links:
        with st.container(horizontal=True, key="breadth"):
            for target, label in links:
                against = controls.answerable(target, comparison)
                navigation.link("condition", label, condition=target, comparison=against)


def _cautions(notes: Sequence[str]) -> None:
    """What to bear in mind: open where there is room, folded on a phone."""
    if not notes:
        return
    title = f"Before you rely on this ({len(notes)})"
    with st.expander(title, expanded=not session.is_narrow(), icon=":material/info:"):
        st.markdown("\n".join(f"- {escape(note)}" for note in notes))


def _left_out(answer: Estimate, stem: str) -> None:
    table = words.left_out_table(answer)
    if table.empty:
        return
    st.header("Not in this estimate", anchor=False)
    with st.expander(f"{counted(len(table), 'result')} not used, each with its reason"):
        show_table(table, key="left-out", name=f"{stem}-not-used")
