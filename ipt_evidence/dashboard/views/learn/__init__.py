"""The Learn page: what the numbers of this explorer mean, shown on its own data."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ipt_evidence.analyses import glossary
from ipt_evidence.analyses.lessons import LEAD, LESSONS, following
from ipt_evidence.analyses.lessons.lesson import Lesson, cite
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.quiz import quiz
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.components.top import top_when_new
from ipt_evidence.dashboard.views.learn import effects, syntheses

__all__ = ["render"]

GLOSSARY = "glossary"
INTERACTIVE: dict[str, Callable[[], None]] = {
    "effect": effects.effect,
    "forest": effects.forest,
    "heterogeneity": syntheses.spread,
    "small-studies": syntheses.small_study_effects,
    "trials": syntheses.number_of_trials,
    "grade": syntheses.certainty,
}


def render() -> None:
    """Show one topic: explanation, something to try, a summary, questions; or the glossary.

    The topic is in the address (``?topic=``).
    """
    st.title("Learn to read the evidence", anchor=False)
    st.markdown(LEAD)
    topic = _choose_topic()
    if topic == GLOSSARY:
        _glossary()
    else:
        _lesson(LESSONS[topic])
    top_when_new(topic)


def _lesson(lesson: Lesson) -> None:
    st.header(lesson.title, anchor=False)
    for paragraph in lesson.explanation:
        st.markdown(paragraph)
    st.subheader("Try it", anchor=False)
    st.markdown(lesson.try_it)
    INTERACTIVE[lesson.id]()
    st.subheader("What you should take away", anchor=False)
    st.markdown("\n".join(f"- {point}" for point in lesson.summary))
    st.subheader("Check yourself", anchor=False)
    quiz(lesson.id, lesson.checks)
    _onwards(lesson)


def _choose_topic() -> str:
    labels = {lesson.id: lesson.label for lesson in LESSONS.values()} | {GLOSSARY: glossary.TITLE}
    return str(
        address.one_of(
            st.pills,
            "Topic",
            list(labels),
            key="topic",
            default=next(iter(labels)),
            format_func=labels.__getitem__,
            required=True,
            wrap=True,
        )
    )


def _onwards(lesson: Lesson) -> None:
    after = following(lesson.id)
    with st.container(horizontal=True, key="onwards"):
        if after is not None:
            st.button(
                f"Next: {LESSONS[after].title}",
                icon=":material/arrow_forward:",
                on_click=_open,
                args=(after,),
            )
        st.button("Look up a word", icon=":material/menu_book:", on_click=_open, args=(GLOSSARY,))


def _open(topic: str) -> None:
    st.session_state["topic"] = topic


def _glossary() -> None:
    st.header(glossary.TITLE, anchor=False)
    query = address.words(
        "Search the glossary", key="q", max_chars=80, placeholder="Like: interval, bias, NNT"
    )
    found = glossary.find_terms(query)
    st.caption(glossary.count_words(len(found)))
    with st.container(key="glossary"):  # its own words need no second explanation
        for term in found.values():
            also = f" · also: {escape(', '.join(term.also))}" if term.also else ""
            source = f" {cite(term.work)}." if term.work else ""
            lesson = f" *Lesson: {LESSONS[term.topic].label}.*" if term.topic else ""
            st.markdown(f"**{escape(term.name)}**{also}  \n{escape(term.meaning)}{source}{lesson}")
