"""Asking the services, on request: a button each, progress, a way to stop, and how it went."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.living.refreshing import REFRESH_VARIABLE, Refresh, allowed

__all__ = ["refresh_panel"]

_WORDS = {"update": "Search for new trials", "enrich": "Check and complete the references"}
_ICONS = {"update": ":material/travel_explore:", "enrich": ":material/verified_user:"}


@st.cache_resource(show_spinner=False)
def _refresh() -> Refresh:
    """The one refresh of this server."""
    return Refresh()


def refresh_panel() -> None:
    """Buttons while nothing runs; else what is going on, told every second."""
    folder = session.evidence().folder
    if not allowed(folder):
        st.caption(
            f"A refresh cannot be started here: the data are read-only, or {REFRESH_VARIABLE} is "
            "off. On your own computer: `python -m ipt_evidence update`."
        )
        return
    if _refresh().running:
        _watch()
        return
    with st.container(horizontal=True, key="refresh"):
        for kind, words in _WORDS.items():
            if st.button(words, icon=_ICONS[kind], key=f"start-{kind}"):
                _refresh().start(kind, folder)
                st.rerun()
    _outcome()


@st.fragment(run_every=1.0)
def _watch() -> None:
    refresh = _refresh()
    if not refresh.running:
        st.rerun(scope="app")
    share = refresh.done / refresh.total if refresh.total else 0.0
    st.progress(
        min(1.0, share),
        text=f"{_WORDS[refresh.kind]}: {escape(refresh.step)}, {refresh.done:,} of "
        f"{refresh.total:,}",
    )
    if refresh.stopping:
        st.caption("Stopping when the last question is answered…")
        return
    st.button("Stop", icon=":material/stop_circle:", key="stop-refresh", on_click=refresh.cancel)


def _outcome() -> None:
    refresh = _refresh()
    if refresh.error:
        st.error(escape(refresh.error), icon=":material/cloud_off:")
    elif refresh.lines:
        st.success("\n".join(f"- {escape(line)}" for line in refresh.lines), icon=":material/done:")
