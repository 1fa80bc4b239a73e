"""What a page may ask for: the evidence base, answers kept for all sessions, and the theme."""

from __future__ import annotations

import os
import threading
import time
from contextlib import nullcontext

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ipt_evidence.evidence.base import EvidenceBase, base_of, stamp
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.figures.look import Look
from ipt_evidence.paths import DATA_VARIABLE, default_data_folder

__all__ = [
    "answer",
    "bundled",
    "classroom",
    "evidence",
    "is_dark",
    "is_narrow",
    "is_wide",
    "leave_classroom",
    "look",
    "note_screen",
    "use",
]

ORDINARY = "medium"  # the screen of a laptop; see components/page/screen.js
CLASSROOM = "classroom"
OWN = "base of this page"
LOOK_AGAIN = 0.25  # seconds: a run of a page looks at the files once, not thirty times
_latest: tuple[str | None, float, EvidenceBase] | None = None  # of which variable, when, what
# A thread of Streamlit serves one session. To look this up in the session's state thirty times took
# a twentieth of a run of the Condition page.
_here = threading.local()


def evidence() -> EvidenceBase:
    """The evidence base of this page: a reader's own table where it uses one, else `bundled`."""
    try:
        own: EvidenceBase | None = _here.own
    except AttributeError:  # a part of a page that runs alone, in a new thread
        own = _here.own = st.session_state.get(OWN)
    return own if own is not None else bundled()


def use(base: EvidenceBase | None) -> None:
    """Let this run of the page, and parts of it that run alone, be about ``base``."""
    st.session_state[OWN] = _here.own = base


def bundled() -> EvidenceBase:
    """The evidence base of this server, read again when a file of it changes.

    Shared by all sessions and read-only: every function that changes a table works on a copy.
    """
    global _latest
    named, now = os.environ.get(DATA_VARIABLE), time.monotonic()
    if _latest is not None and _latest[0] == named and now - _latest[1] <= LOOK_AGAIN:
        return _latest[2]
    folder = default_data_folder()
    with nullcontext() if _latest else st.spinner("Reading the evidence…"):
        base = base_of(str(folder), stamp(folder))
    _latest = (named, now, base)
    return base


def answer(question: Question, model: Model) -> Estimate:
    """The estimate for one question; computed once for all sessions."""
    return estimate_of(evidence(), View(question, model))


def classroom() -> bool:
    """Whether the reader follows a link for a class (``?classroom=true``), which shows less.

    It holds for the session; the browser keeps it in the address (components/page/history.js).
    """
    if (said := st.query_params.get(CLASSROOM)) is not None:
        st.session_state[CLASSROOM] = said == "true"
    return bool(st.session_state.get(CLASSROOM))


def leave_classroom() -> None:
    """Show everything again, as a button's callback."""
    st.session_state[CLASSROOM] = False
    st.query_params.pop(CLASSROOM, None)


def is_dark() -> bool:
    """True when the reader's theme is dark."""
    return st.context.theme.type == "dark"


def look(view: View | None = None) -> Look:
    """How figures are drawn now: the reader's theme and room, and the condition's colour."""
    top = None
    if view is not None:
        top = evidence().taxonomy.with_parents([str(view.question.condition)])[-1]
    return Look(top, is_dark(), is_narrow(), is_wide())


def note_screen(size: str | None) -> None:
    """Keep what the browser says of its screen; a laptop's is assumed until it does."""
    st.session_state["screen"] = size or ORDINARY


def is_narrow() -> bool:
    """True on a screen too narrow for a figure with columns of text beside it."""
    return bool(st.session_state.get("screen") == "narrow")


def is_wide() -> bool:
    """True on a screen with room for further columns beside a figure."""
    return bool(st.session_state.get("screen") == "wide")


def reader_id() -> str | None:
    """What tells this reader's session from others; None outside a server."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context and runtime.exists() else None


def visitor() -> str | None:
    """The address that this reader's browser has; None on this machine and outside a server."""
    return st.context.ip_address


def is_connected(reader: str | None) -> bool:
    """Whether the browser of ``reader`` still listens; without a server somebody always does."""
    return (
        reader is None or not runtime.exists() or runtime.get_instance().is_active_session(reader)
    )
