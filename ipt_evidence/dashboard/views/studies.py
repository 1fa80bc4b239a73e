"""The Studies page: which trials there are, what each says, and how a few of them differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from ipt_evidence.analyses.studies import panel as words
from ipt_evidence.analyses.studies.comparison import (
    FEWEST,
    MOST,
    comparison_caption,
    comparison_table,
)
from ipt_evidence.analyses.studies.result import Found, StudyFilter, catalogue
from ipt_evidence.cache import cached
from ipt_evidence.citations.writers import WRITERS
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address, controls
from ipt_evidence.dashboard.components.corpus import show_corpus
from ipt_evidence.dashboard.components.downloads import csv_file, references_file, show_downloads
from ipt_evidence.dashboard.components.study_panel import study_dialog, study_panel
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.facets import FACETS, facets

__all__ = ["render"]

LISTED = facets("listed")
# Their words in the address; `condition` and `comparison` are those of the Condition page.
KEYS = {facet.id: facet.id for facet in LISTED} | {"condition": "in", "comparison": "versus"}
REFERENCE_FORMATS = ("bibtex", "ris", "csl-json")
LONGEST = 200  # characters of a search


def render() -> None:
    """Search and facets, the table, studies side by side, the study that is open, downloads."""
    base = session.evidence()
    st.title("Studies", anchor=False)
    st.markdown(words.LEAD)
    shown = _search()
    found = shown.found
    with st.container(horizontal=True, vertical_alignment="center", key="found"):
        st.markdown(words.found_line(len(found.studies), len(base.studies)))
        if _filtered():
            st.button(
                "Clear all", icon=":material/filter_alt_off:", type="tertiary", on_click=_clear
            )
    picked = _picked()
    if found.studies.empty:
        st.info(words.NOTHING_FOUND, icon=":material/search_off:")
    else:
        _table(shown, picked)
    _compare(picked)
    show_corpus(shown.text)
    _downloads(found, picked)
    study = address.held("Study", list(base.studies["study_id"]), key="study")
    if study:
        study_dialog(study, _panel, _close, width="large")


def _close() -> None:
    st.session_state["study"] = None


def _panel(study: str) -> None:
    """The study over the page, as on the Condition page."""
    picked = st.session_state["compare"]
    if study in picked:
        label, icon, after = "Untick", ":material/check_box:", [s for s in picked if s != study]
    else:
        label, icon = "Tick to compare", ":material/check_box_outline_blank:"
        after = [*picked, study]
    if st.button(label, icon=icon, key="tick", on_click=_pick, args=(after,)):
        st.rerun()
    study_panel(study)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What one search shows, kept for whoever searches the same."""

    text: str
    found: Found
    table: pd.DataFrame
    labels: Mapping[str, Mapping[str, str]]  # facet -> level -> its name and number


def _search() -> _Shown:
    """The words and the facets; each level with how many studies choosing it would show."""
    base = session.evidence()
    options = _options(base)
    chosen = tuple((facet, address.chosen(options[facet], key=KEYS[facet])) for facet in KEYS)
    text = address.words(
        "Search",
        key="q",
        max_chars=LONGEST,
        placeholder="Name, title, author, people, instrument, country…",
        icon=":material/search:",
        help=words.SEARCH_HELP,
    )
    shown = _shown(base, text, chosen, address.chosen_switch(key="usable"))
    with st.container(horizontal=True, vertical_alignment="center", key="facets"):
        top = set(base.taxonomy.top_level)
        for facet, levels in chosen:
            offered = options[facet]
            if facet == "condition":  # the narrower ones have a choice of their own
                offered = tuple(one for one in offered if one in top or one in levels)
            _facet(facet, offered, shown.labels[facet], len(levels))
        address.switch("With a usable result", key="usable")
    return shown


@cached
def _shown(
    base: EvidenceBase, text: str, chosen: tuple[tuple[str, tuple[str, ...]], ...], usable: bool
) -> _Shown:
    options = _options(base)
    found = catalogue(base).find(StudyFilter(text, dict(chosen), usable))
    labels = {
        facet: {
            level: escape(words.facet_level(base, facet, level, found.counts[facet].get(level, 0)))
            for level in options[facet]
        }
        for facet in KEYS
    }
    return _Shown(text, found, words.studies_table(base, found), labels)


@cached
def _options(base: EvidenceBase) -> Mapping[str, tuple[str, ...]]:
    counts = catalogue(base).find(StudyFilter()).counts
    return {facet: words.facet_options(base, facet, counts[facet]) for facet in KEYS}


def _facet(facet: str, options: tuple[str, ...], labels: Mapping[str, str], chosen: int) -> None:
    # Drawn only while it is open: closed, the browser would go on sending what was cleared since.
    with controls.choices(words.facet_button(facet, chosen), key=f"facet-{facet}") as (shown, _):
        address.several_of(
            shown(st.pills),
            FACETS[facet].label,
            options,
            key=KEYS[facet],
            selection_mode="multi",
            format_func=labels.__getitem__,
            wrap=True,
        )


def _filtered() -> bool:
    keys = [*KEYS.values(), "q", "usable"]
    return any(st.session_state.get(key) for key in keys)


def _clear() -> None:
    for key in KEYS.values():
        st.session_state[key] = []
    st.session_state["q"] = ""
    st.session_state["usable"] = False


def _table(shown: _Shown, picked: tuple[str, ...]) -> None:
    ids = list(shown.found.studies["study_id"])
    opened = show_table(
        shown.table,
        key="studies",
        name="ipt-studies",
        ids=ids,
        open_label="Open",
        caption="Studies that fit",
        download=False,
        picked=picked,
        on_pick=_pick,
    )
    if opened:
        st.session_state["study"] = opened


def _picked() -> tuple[str, ...]:
    """Studies that are ticked (``?compare=``)."""
    known = list(session.evidence().studies["study_id"])
    return address.several_held("Studies to compare", known, key="compare")


def _pick(studies: list[str]) -> None:
    st.session_state["compare"] = studies


def _compare(picked: tuple[str, ...]) -> None:
    if not picked:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="picked"):
        st.markdown(words.picked_line(len(picked)))
        st.button("Untick all", type="tertiary", on_click=_pick, args=([],))
    if FEWEST <= len(picked) <= MOST:
        table = comparison_table(session.evidence(), picked)
        st.header("Side by side", anchor=False)
        show_table(
            table, key="side-by-side", name="ipt-comparison", caption=comparison_caption(table)
        )


def _downloads(found: Found, picked: tuple[str, ...]) -> None:
    studies, what = found.studies, "studies"
    if picked:
        every = catalogue(session.evidence()).studies
        studies = every.loc[every["study_id"].isin(picked)]
        what = "ticked studies"
    keys = [key for references in studies["references"] for key in references]
    st.header("Download", anchor=False)
    show_downloads(
        csv_file(f"{len(studies)} {what} (CSV)", studies, "ipt-studies.csv", words.export_studies),
        *(
            references_file(f"Their references: {WRITERS[form].label}", keys, "ipt-studies", form)
            for form in REFERENCE_FORMATS
        ),
    )
