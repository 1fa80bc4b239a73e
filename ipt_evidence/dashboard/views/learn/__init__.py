"""The Learn page: what the numbers of this explorer mean, shown on its own data."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from ipt_evidence.analyses import glossary
from ipt_evidence.analyses.lessons import LEAD, LESSONS, following
from ipt_evidence.analyses.lessons.lesson import Check, Lesson, cite, feedback, score
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.downloads import File, show_downloads
from ipt_evidence.dashboard.components.text import escape
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
    "indirect": syntheses.other_therapies,
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
    _top_when_new(topic)


def _lesson(lesson: Lesson) -> None:
    st.header(lesson.title, anchor=False)
    for paragraph in lesson.explanation:
        st.markdown(paragraph)
    st.subheader("Try it", anchor=False)
    st.markdown(lesson.try_it)
    INTERACTIVE[lesson.id]()
    st.subheader("Key points", anchor=False)
    st.markdown("\n".join(f"- {point}" for point in lesson.summary))
    st.subheader("Check yourself", anchor=False)
    _quiz(lesson.id, lesson.checks)
    _onwards(lesson)
    _for_a_class(lesson)


def _for_a_class(lesson: Lesson) -> None:
    """The lesson on paper, and the explorer without the tools that a class does not need."""
    st.subheader("For a class", anchor=False)

    def write() -> bytes:
        from ipt_evidence.exchange.handout import handout_html

        return handout_html(session.evidence(), lesson).encode()

    show_downloads(
        File("Hand-out to print (two pages)", f"ipt-lesson-{lesson.id}.html", write, "text/html",
             icon="print"),
        key="handout", of=lesson.id,
    )  # fmt: skip
    navigation.link(
        "overview", "Classroom view: without robustness tools", ":material/co_present:",
        classroom="true",
    )  # fmt: skip


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


@st.fragment
def _quiz(topic: str, checks: Sequence[Check]) -> None:
    """Show the questions of one topic; answers stay in this session and are stored nowhere."""
    answers: dict[int, str | None] = {}
    for number, check in enumerate(checks):
        with st.container(key=f"check-{topic}-{number}"):
            answers[number] = st.radio(
                escape(f"{number + 1}. {check.question}"),
                check.choices,
                index=None,
                key=f"answer-{topic}-{number}",
                format_func=escape,
            )
            _respond(check, answers[number])
    summary = score(checks, answers)
    if summary:
        st.markdown(f"**{escape(summary)}**")


def _respond(check: Check, choice: str | None) -> None:
    if choice is None:
        return
    right, words = feedback(check, choice)
    if right:
        st.success(escape(words), icon=":material/check_circle:")
    else:
        st.info(escape(words), icon=":material/lightbulb:")


_component = st.components.v2.component(
    "ipt_top",
    js="""
    let last = null;
    export default function ({ data }) {
      if (last !== null && last !== data.shown) {
        document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
      }
      last = data.shown;
    }
    """,
)


def _top_when_new(shown: str) -> None:
    """Scroll to the top when ``shown`` is another than before; the first time stays in place."""
    _component(key="top", data={"shown": shown})
