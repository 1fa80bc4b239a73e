"""The records of a corpus that fit a search, on pages of a server that was given one."""

from __future__ import annotations

import streamlit as st

from ipt_evidence import paths
from ipt_evidence.corpora.panel import corpus_line, corpus_table
from ipt_evidence.corpora.searching import LONGEST_QUERY, index_of, search
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.errors import EvidenceError

__all__ = ["show_corpus"]


def show_corpus(text: str | None = None) -> None:
    """The best records for ``text`` in the corpus; nothing without a corpus, or for no words.

    Without ``text`` it is asked for here.
    """
    place = paths.corpus()
    if place is None or (text is not None and not text.strip()):
        return
    st.header("In the corpus", anchor=False)
    if text is None:
        text = address.words("Search the corpus", key="q", max_chars=LONGEST_QUERY)
        if not text.strip():
            return
    try:
        found = search(index_of(place), text, limit=50)
    except EvidenceError as err:
        st.warning(escape(str(err)), icon=":material/search_off:")
        return
    st.markdown(corpus_line(found))
    if found.hits:
        show_table(
            corpus_table(found),
            key="corpus",
            name="ipt-corpus",
            column_config={"Open": st.column_config.LinkColumn(display_text="Open")},
        )
