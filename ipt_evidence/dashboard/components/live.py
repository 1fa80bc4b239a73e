"""A part of a page that takes a while: a progress bar that can be stopped, then the part."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Concatenate, ParamSpec, TypeVar

import streamlit as st

from ipt_evidence.dashboard import jobs, session
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.base import EvidenceBase

__all__ = ["live"]

T = TypeVar("T")
P = ParamSpec("P")

QUICK = 0.4  # seconds in which most results are there, without a bar that would only flicker
LOOK = 0.4  # seconds between looks at the progress


def live(
    name: str,
    doing: str,
    make: Callable[Concatenate[EvidenceBase, Callable[[float], None], P], T],
    *about: P.args,
    **more: P.kwargs,
) -> T | None:
    """Give ``make(base, report, *about)`` when it is ready; until then show how far it is.

    Parameters
    ----------
    name : names the part in the session; unique on the page.
    doing : what is going on, such as "Pooling 1,048,575 subsets".
    make : a named function; it calls ``report`` with the share done, from 0 to 1, now and then.
    about, more : hashable, and all that ``make`` looks at.

    Returns
    -------
    The result, shared by all sessions (read it, do not change it), or None while it is not there.
    """
    base = session.evidence()
    key: Hashable = (make.__module__, make.__qualname__, base.fingerprint, about, *more.items())
    result = jobs.finished(key)
    if result is not None:
        return result  # type: ignore[no-any-return]
    place = f"job:{name}"
    job: jobs.Job | None = st.session_state.get(place)
    if job is None or job.key != key:
        if job is not None:
            job.cancel()
        job = jobs.start(key, lambda report: make(base, report, *about, **more))
        st.session_state[place] = job
        job.wait(QUICK)
    result = jobs.finished(key)
    if result is not None:
        return result  # type: ignore[no-any-return]
    if job.running and not job.cancelled:
        st.fragment(_progress, run_every=LOOK)(name, doing, place)
    else:
        _stopped(name, doing, place)
    return None


def _progress(name: str, doing: str, place: str) -> None:
    """The bar; the page is drawn anew when the work has ended."""
    job: jobs.Job = st.session_state[place]
    if not job.running or job.cancelled:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key=f"live-{name}"):
        st.progress(min(job.share, 1.0), text=f"{escape(doing)}: {100 * job.share:.0f}%")
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
