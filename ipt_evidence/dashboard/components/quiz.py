"""Questions to check oneself by: an answer is met at once, kindly and with its reason."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ipt_evidence.analyses.lessons.lesson import Check, feedback, score
from ipt_evidence.dashboard.components.text import escape

__all__ = ["quiz"]


@st.fragment
def quiz(topic: str, checks: Sequence[Check]) -> None:
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
