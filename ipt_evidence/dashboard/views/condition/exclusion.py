"""Trials that the reader leaves out by hand: seen, named, and put back with one click."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.analyses import answer as words
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.estimation import Estimate, taken_out

__all__ = ["chips", "leave_out", "left_out", "put_back"]

KEY = "excluded"  # of the list under "Which trials", which holds the choice and the address


def left_out() -> list[str]:
    """Studies that are left out now."""
    return list(st.session_state.get(KEY, []))


def leave_out(study_id: str) -> None:
    """Take one study out of the estimate."""
    address.by_reader()
    if study_id not in left_out():
        st.session_state[KEY] = [*left_out(), study_id]


def put_back(*study_ids: str) -> None:
    """Put studies back; all of them when none is named."""
    address.by_reader()
    st.session_state[KEY] = [one for one in left_out() if study_ids and one not in study_ids]


def chips(answer: Estimate, whole: Estimate) -> None:
    """Say how many trials the reader left out, what that changed, and offer to undo each."""
    removed = taken_out(answer)
    if removed.empty:
        return
    with st.container(key="left-out-by-you"):
        with st.container(horizontal=True, vertical_alignment="center", key="left-out-chips"):
            st.badge(
                f"{len(removed)} left out by you", icon=":material/filter_list_off:", color="orange"
            )
            for study_id, label in zip(removed["study_id"], removed["label"], strict=True):
                st.button(
                    escape(label),
                    key=f"put-back-{study_id}",
                    icon=":material/undo:",
                    help=f"Put {escape(label)} back",
                    on_click=put_back,
                    args=(study_id,),
                )
            if len(removed) > 1:
                st.button("Put all back", key="put-back-all", on_click=put_back, type="tertiary")
        st.markdown(escape(words.excluded_sentence(answer, whole)))
