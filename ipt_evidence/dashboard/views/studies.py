"""The Studies page: which trials there are, and what each says."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import controls
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
    base = session.evidence()
    taxonomy = base.taxonomy
    with st.container(key="facets"):
        words_wanted = st.text_input(
            "Search",
            placeholder="Name, title, population, instrument, country…",
            key="q",
            bind="query-params",
            icon=":material/search:",
            max_chars=200,
        )
        left, middle, right, last = st.columns(4)
        conditions = left.multiselect(
            "Condition",
            controls.condition_ids(taxonomy),
            format_func=lambda c: taxonomy.condition(c).label,
            placeholder="Any",
            key="in",
            bind="query-params",
        )
        comparisons = middle.multiselect(
            "Compared with",
            [c.id for c in taxonomy.comparisons],
            format_func=lambda c: taxonomy.comparison(c).label,
            placeholder="Any",
            key="versus",
            bind="query-params",
        )
        designs = right.multiselect(
            "Design",
            DESIGNS,
            format_func=label_of,
            placeholder="Any",
            key="design",
            bind="query-params",
        )
        formats = last.multiselect(
            "Format",
            FORMATS,
            format_func=label_of,
            placeholder="Any",
            key="format",
            bind="query-params",
        )
        ages = left.multiselect(
            "Age group",
            AGE_GROUPS,
            format_func=label_of,
            placeholder="Any",
            key="age",
            bind="query-params",
        )
        usable = middle.toggle(
            "With an effect that can be pooled", key="usable", bind="query-params"
        )
    return StudyFilter(
        text=words_wanted or "",
        conditions=tuple(conditions),
        comparisons=tuple(comparisons),
        designs=tuple(designs),
        formats=tuple(formats),
        age_groups=tuple(ages),
        usable=usable,
    )
