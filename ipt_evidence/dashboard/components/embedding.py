"""One figure of a page alone, for a frame on another site: ``?embed=true&only=forest``.

The address is that of the page, with its filters and options, so an embedded figure is the figure
of that view. Streamlit itself leaves out its bars where an address has ``embed=true``; only then
may a page stand in a frame of another site (`serving.SafetyHeaders`).
"""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

import streamlit as st

from ipt_evidence.about import PRODUCT
from ipt_evidence.dashboard import session

__all__ = ["ONLY", "nothing_shown", "only_style", "shown_alone", "source_line"]

ONLY = "only"
_KEY = re.compile(r"[a-z][a-z0-9-]{0,40}")
_SHOWN = "figure shown alone"

# Everything of the page but the figure, and the room that it would leave.
_HIDING = """
<style>
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"] { display: none; }
[data-testid="stMainBlockContainer"] { padding: 0.5rem 1rem 0 !important; max-width: none; }
[data-testid="stMainBlockContainer"] [data-testid="stElementContainer"]:not(.st-key-figure-KEY *),
[data-testid="stMainBlockContainer"] [data-testid="stLayoutWrapper"]:not(
  :has(.st-key-figure-KEY), .st-key-figure-KEY *) { display: none; }
[data-testid="stMainBlockContainer"] [data-testid="stVerticalBlock"] { gap: 0; }
</style>
"""


def _asked() -> str:
    """Key of the figure that is asked for alone; empty on an ordinary page."""
    if not st.context.is_embedded:
        return ""
    key = st.query_params.get(ONLY, "")
    return key if _KEY.fullmatch(key) else ""


def only_style() -> None:
    """Hide everything but the figure that the address asks for; nothing on an ordinary page."""
    if key := _asked():
        st.session_state[_SHOWN] = False
        st.html(" ".join(_HIDING.replace("KEY", key).split()))


def shown_alone(key: str) -> bool:
    """Whether the figure ``key`` stands alone in a frame now."""
    if _asked() != key:
        return False
    st.session_state[_SHOWN] = True
    return True


def nothing_shown() -> None:
    """Say in the frame that the page has no such figure; after the page was drawn."""
    if (key := _asked()) and not st.session_state[_SHOWN]:
        with st.container(key=f"figure-{key}"):
            st.info("This view has no such figure. Open it in the explorer to see what it has.")
            source_line()


def source_line() -> None:
    """Where the figure comes from, with a link to the whole view."""
    words = [
        (word, value)
        for word in st.query_params
        if word != ONLY
        for value in st.query_params.get_all(word)
    ]
    page = urlsplit(st.context.url or "").path.rpartition("/")[2] or "."
    st.caption(
        f"Source: {PRODUCT}, data version {session.evidence().version}, CC BY 4.0. "
        f"[Open this view]({page}?{urlencode(words)})"
    )
