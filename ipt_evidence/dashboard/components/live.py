"""A part of a page that takes a while: a progress bar that can be stopped, then the part."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.analyses.panel import Work
from ipt_evidence.dashboard import jobs, session
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.turns import turns

__all__ = ["live"]

QUICK = 0.4  # seconds in which most results are there, without a bar that would only flicker
LOOK = 0.4  # seconds between looks at the progress


def live(name: str, work: Work) -> bool:
    """Whether the result of ``work`` is there; while it is not, show how far it is.

    ``name`` names the part in the session; unique on the page.
    """
    base = session.evidence()
    if work.done(base):
        return True
    key, place = (id(base), work), f"job:{name}"
    job: jobs.Job | None = st.session_state.get(place)
    if job is None or job.key != key:
        if job is not None:
            job.cancel()
        reader = session.reader_id()
        job = jobs.Job(
            key,
            lambda: work.do(base),
            reader=reader,
            visitor=session.visitor(),
            wanted=lambda: session.is_connected(reader),
        )
        st.session_state[place] = job
        turns.end()  # other readers need not wait with this one
        job.wait(QUICK)
    if work.done(base):
        return True
    if job.running and not job.cancelled:
        st.fragment(_progress, run_every=LOOK)(name, work.doing, place)
    else:
        _stopped(name, work.doing, place)
    return False


def _progress(name: str, doing: str, place: str) -> None:
    """The bar; the page is drawn anew when the work has ended."""
    job: jobs.Job = st.session_state[place]
    if not job.running or job.cancelled:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key=f"live-{name}"):
        state = f"{100 * job.share:.0f}%"
        if job.ahead:
            state = f"waiting, {job.ahead} before you"
        st.progress(min(job.share, 1.0), text=f"{escape(doing)}: {state}")
        st.button("Stop", key=f"stop-{name}", icon=":material/stop_circle:", on_click=job.cancel)


def _stopped(name: str, doing: str, place: str) -> None:
    job: jobs.Job = st.session_state[place]
    if job.error is not None and not isinstance(job.error, jobs.Cancelled):
        st.error(escape(str(job.error)), icon=":material/error:")
        return
    reason = "was stopped" if job.cancelled else "ended without a result"
    with st.container(horizontal=True, vertical_alignment="center", key=f"live-{name}"):
        st.markdown(f"{escape(doing)} {reason}.")
        if st.button("Begin again", key=f"again-{name}", icon=":material/restart_alt:"):
            del st.session_state[place]
            st.rerun()
