"""Fields where a service disagrees with a record, each to be accepted or declined by hand."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.living import corrections
from ipt_evidence.living import panel as words
from ipt_evidence.living.corrections import Correction
from ipt_evidence.living.refreshing import allowed

__all__ = ["corrections_to_decide"]

_CHOSEN = "correction"


def corrections_to_decide(found: Sequence[Correction]) -> None:
    """The differences as a table; a row that is opened can be decided, where that is allowed."""
    may = allowed(session.evidence().folder)
    opened = show_table(
        words.corrections_table(found),
        key="corrections",
        name="ipt-corrections",
        ids=[one.correction_id for one in found] if may else None,
        open_label="Decide",
    )
    if opened:
        st.session_state[_CHOSEN] = opened
    chosen = {one.correction_id: one for one in found}.get(st.session_state.get(_CHOSEN, ""))
    if chosen is not None and may:
        _decide(chosen)


def _decide(one: Correction) -> None:
    with st.container(border=True, key="decide-correction"):
        ours = escape(one.ours) if one.ours else "nothing"
        st.markdown(
            f"**{escape(one.key)}, {escape(one.field)}:** we have {ours}; {escape(one.source)} has "
            f"{escape(one.theirs)} ({escape(one.date)})."
        )
        st.caption(
            "The files of the base are not changed: the decision is kept beside them, and "
            "`python -m ipt_evidence enrich --bibtex FILE` writes the references with what was "
            "accepted."
        )
        with st.container(horizontal=True):
            for label, decision in (("Accept", "accepted"), ("Decline", "declined")):
                if st.button(label, key=f"correction-{decision}"):
                    corrections.decide(session.evidence().folder, one.correction_id, decision)
                    del st.session_state[_CHOSEN]
                    st.rerun()
