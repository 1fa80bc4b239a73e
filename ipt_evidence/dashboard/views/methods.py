"""Methods & data: how numbers are made, where they come from, and how to take them along."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from ipt_evidence.analyses import methods as words
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.downloads import File, references_file, show_downloads
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.schema import TABLES
from ipt_evidence.living import corrections
from ipt_evidence.living import panel as living
from ipt_evidence.living.corrections import Correction
from ipt_evidence.living.refreshing import allowed

__all__ = ["render"]


def render() -> None:
    """Methods, sources with licences, quarantined rows, the tables and their columns."""
    base = session.evidence()
    st.title("Methods & data", anchor=False)
    for heading, body in words.METHODS:
        st.header(heading, anchor=False)
        st.markdown(body)
    st.header("Sources and licences", anchor=False)
    st.markdown(words.SOURCES_LEAD)
    show_table(
        words.sources_table(base),
        key="sources",
        name="ipt-sources",
        column_config={
            "Open": st.column_config.LinkColumn(display_text="Open"),
            "Licence text": st.column_config.LinkColumn(display_text="Read"),
        },
    )
    _current()
    st.header("Rows excluded", anchor=False)
    if not base.problems:
        st.markdown(words.NOTHING_QUARANTINED)
    else:
        st.markdown(words.QUARANTINED)
        show_table(base.quarantined, key="quarantined", name="ipt-rows-set-aside")
    _tables()
    st.header("How to cite", anchor=False)
    st.markdown(words.HOW_TO_CITE)
    st.header("Found an error?", anchor=False)
    st.markdown(words.found_an_error())
    st.caption(escape(words.versions(base)))


def _current() -> None:
    """Until when each service was heard, and where it disagrees with us."""
    base = session.evidence()
    st.header("How current this is", anchor=False)
    st.markdown(living.OFFLINE)
    st.markdown(escape(living.integrity_summary(base)))
    show_table(living.as_of_table(base.folder), key="as-of", name="ipt-as-of", download=False)
    found = [one for one in corrections.load(base.folder) if one.number is None]
    if found:
        st.subheader("Filled fields and disagreements", anchor=False)
        st.markdown(living.CORRECTIONS_LEAD)
        _corrections_to_decide(found)


def _tables() -> None:
    base = session.evidence()
    st.header("The data", anchor=False)
    st.markdown(words.DATA_LEAD)
    for table in TABLES:
        with st.expander(f"{table.title}: {table.description}"):
            show_table(
                words.columns_table(table),
                key=f"columns-{table.name}",
                name=f"ipt-{table.name}-columns",
            )
    show_downloads(
        *(_whole_table(base.folder / table.file) for table in TABLES),
        references_file("All references (BibTeX)", base.references["key"], "ipt-references"),
    )


def _whole_table(path: Path) -> File:
    """The file as it stands in the base; empty where a base goes without it."""
    return File(
        path.name,
        path.name,
        lambda: path.read_bytes() if path.exists() else b"",
        "text/csv",
        icon="download",
    )


_CHOSEN = "correction"


def _corrections_to_decide(found: Sequence[Correction]) -> None:
    """The differences as a table; a row that is opened can be decided, where that is allowed."""
    may = allowed(session.evidence().folder)
    opened = show_table(
        living.corrections_table(found),
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
