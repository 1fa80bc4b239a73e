"""The Studies page: which trials there are, and what each says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address, controls
from ipt_evidence.dashboard.components.downloads import bibtex_button, csv_button
from ipt_evidence.dashboard.components.study_panel import study_panel
from ipt_evidence.evidence.catalogue import StudyFilter, find_studies
from ipt_evidence.evidence.schema import AGE_GROUPS, DESIGNS, FORMATS
from ipt_evidence.presentation import catalogue as words
from ipt_evidence.presentation.studies import label_of

__all__ = ["render"]


def render() -> None:
    """Search and facets, the table, the panel of the study that is open, downloads."""
    base = session.evidence()
    st.title("Studies", anchor=False)
    st.markdown(words.LEAD)
    wanted = _facets()
    found = find_studies(base, wanted)
    st.markdown(words.found_line(len(found), len(base.studies)))
    if found.empty:
        st.info(words.NOTHING_FOUND, icon=":material/search_off:")
    else:
        ids = list(found["study_id"])
        st.dataframe(
            words.studies_table(base, found),
            hide_index=True,
            key="studies-table",
            on_select=lambda: _open_selected(ids),
            selection_mode="single-row",
            height=420,
        )
    study = controls.choose_study(list(base.studies["study_id"]))
    if study:
        study_panel(study)
    keys = [key for references in found["references"] for key in references]
    with st.container(horizontal=True, key="downloads"):
        csv_button("These studies (CSV)", words.export_studies(found), "ipt-studies.csv")
        bibtex_button("Their references (BibTeX)", keys, "ipt-studies.bib")


def _open_selected(ids: list[str]) -> None:
    rows = st.session_state["studies-table"].selection.rows
    st.session_state["study"] = ids[rows[0]] if rows else None


def _facets() -> StudyFilter:
    taxonomy = session.evidence().taxonomy
    text = address.words(
        "Search",
        key="q",
        max_chars=200,
        placeholder="Name, title, population, instrument, country…",
        icon=":material/search:",
    )
    with st.grid(5, min_column_width=170, key="facets"):
        conditions = _facet(
            "Condition",
            controls.condition_ids(taxonomy),
            "in",
            lambda c: taxonomy.condition(c).label,
        )
        comparisons = _facet(
            "Compared with",
            [c.id for c in taxonomy.comparisons],
            "versus",
            lambda c: taxonomy.comparison(c).label,
        )
        designs = _facet("Design", DESIGNS, "design", label_of)
        formats = _facet("Format", FORMATS, "format", label_of)
        ages = _facet("Age group", AGE_GROUPS, "age", label_of)
    usable = address.switch("Only studies with an effect that can be pooled", key="usable")
    return StudyFilter(text, conditions, comparisons, designs, formats, ages, usable)


def _facet(
    label: str, options: Sequence[str], key: str, words_of: Callable[[str], str]
) -> tuple[str, ...]:
    return address.several_of(
        st.multiselect, label, options, key=key, format_func=words_of, placeholder="Any"
    )
