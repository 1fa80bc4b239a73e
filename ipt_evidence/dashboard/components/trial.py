"""One trial over the page: opened from a figure or by name, left out, put back."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ipt_evidence.analyses import answer as words
from ipt_evidence.dashboard import navigation
from ipt_evidence.dashboard.components import address, controls
from ipt_evidence.dashboard.components.study_panel import study_dialog, study_panel
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.estimation import Estimate, taken_out
from ipt_evidence.evidence.selection import Question

__all__ = [
    "chips",
    "clicked",
    "go_to_clicked",
    "leave_out",
    "left_out",
    "open_study",
    "put_back",
]

LAST = "study:last"  # the study that a figure showed last
KEY = "excluded"  # of the list under "Which trials", which holds the choice and the address


def left_out() -> list[str]:
    """Studies that are left out now."""
    return list(st.session_state.get(KEY, []))


def leave_out(study_id: str) -> None:
    """Take one study out of the estimate."""
    address.put(KEY, list(dict.fromkeys([*left_out(), study_id])))


def put_back(*study_ids: str) -> None:
    """Put studies back; all of them when none is named."""
    address.put(KEY, [one for one in left_out() if study_ids and one not in study_ids])


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


def open_study(answer: Estimate) -> None:
    """Offer every study of the question by name, and show the one that is chosen."""
    known = list(answer.selection.studies["study_id"])
    if not known:
        return
    study = controls.choose_study(known)
    if study:
        used = set(answer.trials["study_id"])
        effects = frozenset(answer.selection.effects["effect_id"])
        change = partial(_panel, used=study in used, removed=study in left_out(), effects=effects)
        study_dialog(study, change, _close, width="medium")


def clicked(key: str) -> None:
    """A click on a trial in the figure ``key`` opens its study.

    A second click on the same mark takes Plotly's selection away: it means that study again.
    """
    event = st.session_state.get(key)
    points = event.selection.points if event else []
    for point in points:
        data = point.get("customdata")
        study_id = data[0] if isinstance(data, list | tuple) else data
        if study_id:
            st.session_state[LAST] = study_id
            st.session_state["study"] = study_id
            return
    st.session_state["study"] = st.session_state.get(LAST)


def go_to_clicked(question: Question) -> None:
    """Open a trial that was clicked on another page on the Condition page."""
    if study := st.session_state.pop("study", None):
        navigation.go(
            "condition",
            condition=str(question.condition),
            comparison=str(question.comparison),
            study=str(study),
        )


def _close() -> None:
    st.session_state["study"] = None


def _change(study_id: str, removed: bool) -> None:
    if removed:
        put_back(study_id)
    else:
        leave_out(study_id)
    _close()


def _panel(study_id: str, *, used: bool, removed: bool, effects: frozenset[str]) -> None:
    if used or removed:
        label, icon = (
            ("Put this trial back", ":material/undo:")
            if removed
            else ("Leave this trial out", ":material/filter_list_off:")
        )
        changed = st.button(
            label,
            key="leave-out",
            icon=icon,
            help="The estimate, its words and every figure follow at once.",
            on_click=_change,
            args=(study_id, removed),
        )
        if changed:
            st.rerun()
    study_panel(study_id, effects)
