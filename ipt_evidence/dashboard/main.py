"""Every run of the app: page settings, style, navigation, and errors said in words."""

from __future__ import annotations

import time

import streamlit as st

from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import address, embedding, text
from ipt_evidence.dashboard.components.page import page_tools
from ipt_evidence.dashboard.components.style import style_sheet
from ipt_evidence.dashboard.components.terms import words_on_this_page
from ipt_evidence.dashboard.monitoring import page_run
from ipt_evidence.dashboard.turns import turns
from ipt_evidence.errors import EvidenceError

__all__ = ["run"]

# Served from `static/`. A file named by its path would be read and measured again in each run.
_ICON = "/app/static/icon.png"


def run() -> None:
    """Show the page that the address names."""
    asked = time.perf_counter()
    with turns.turn():
        _show(waited=time.perf_counter() - asked)


def _show(waited: float) -> None:
    # Before the navigation, which would else ask another host for the page's own icon.
    st.set_page_config(page_icon=_ICON, layout="wide")
    st.html(style_sheet(session.is_dark()))
    page = navigation.navigation()
    if page.url_path not in navigation.TITLED_BY_QUESTION:
        st.set_page_config(page_title=navigation.page_title(page.title if page.url_path else ""))
    with page_run(page.url_path or navigation.FIRST, waited):
        _show_page(page)


def _show_page(page: st.Page) -> None:
    session.use(None)
    try:
        base = session.evidence()
    except EvidenceError as err:
        _unusable_data(err)
        return
    with st.sidebar:
        _footer(len(base.problems), base.version)
        if session.classroom():
            _classroom()
    page_tools(base.version)
    embedding.only_style()
    notice = st.container(key="notice")
    address.start(page.url_path)
    try:
        page.run()
    except EvidenceError as err:
        st.error(text.escape(str(err)), icon=":material/error:")
    with notice:
        _say_what_was_ignored()
    words_on_this_page()
    embedding.nothing_shown()
    address.finish()


def _say_what_was_ignored() -> None:
    """Name what the address asked for and the page does not know, instead of silence."""
    for label, value in address.ignored():
        st.info(
            f"The link asks for “{text.escape(value)}” under “{text.escape(label)}”. There is no "
            "such choice here, so the page shows its usual one.",
            icon=":material/link_off:",
        )


def _unusable_data(err: EvidenceError) -> None:
    st.title("The evidence cannot be read")
    st.error(text.escape(str(err)), icon=":material/error:")
    st.markdown(
        "Nothing is shown, because a number without its source is not evidence. "
        "Run `python -m ipt_evidence validate` for the full list of what to correct."
    )


def _classroom() -> None:
    st.caption("For a class: the tools that test how robust an answer is are not shown.")
    st.button("Show everything", type="tertiary", on_click=session.leave_classroom)


def _footer(quarantined: int, version: str) -> None:
    if quarantined:
        st.warning(
            f"{quarantined} rows of the data are excluded because something in them is "
            "wrong. They are listed under Methods & data.",
            icon=":material/report:",
        )
    st.caption(
        "An evidence browser for researchers and students, not medical advice.  \n"
        f"Data version `{version}`"
    )
