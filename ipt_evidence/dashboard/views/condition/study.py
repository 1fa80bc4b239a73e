"""One study opened over the page, with its sources and the choice to leave it out."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.dashboard.components import controls
from ipt_evidence.dashboard.components.study_panel import study_panel
from ipt_evidence.dashboard.views.condition import exclusion
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.once import once

__all__ = ["clicked", "open_study"]

LAST = "study:last"  # the study that a figure showed last


def open_study(answer: Estimate) -> None:
    """Offer every study of the question by name, and show the one that is chosen."""
    studies = answer.selection.studies
    known = once(studies, "ids", lambda: list(studies["study_id"]))
    if not known:
        return
    study = controls.choose_study(known)
    if study:
        used = set(answer.trials["study_id"])
        _panel(study, used=study in used, removed=study in exclusion.left_out())


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


def _close() -> None:
    st.session_state["study"] = None


def _change(study_id: str, removed: bool) -> None:
    if removed:
        exclusion.put_back(study_id)
    else:
        exclusion.leave_out(study_id)
    _close()


@st.dialog("Where the numbers come from", width="medium", position="right", on_dismiss=_close)
def _panel(study_id: str, *, used: bool, removed: bool) -> None:
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
    study_panel(study_id)
