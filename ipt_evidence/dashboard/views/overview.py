"""The Overview page: what is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from ipt_evidence.analyses.gap_map.panel import (
    columns,
    filled,
    filters_said,
    gap_rows,
    opened_by,
)
from ipt_evidence.analyses.gap_map.result import (
    DIMENSIONS,
    MAP_FILTERS,
    NO_FILTERS,
    Cell,
    coverage,
)
from ipt_evidence.analyses.overview import panel as words
from ipt_evidence.analyses.overview.figure import by_condition_figure, by_year_figure
from ipt_evidence.analyses.panel import Panel
from ipt_evidence.cache import cached
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import address, controls
from ipt_evidence.dashboard.components.cards import condition_cards
from ipt_evidence.dashboard.components.downloads import File, Menu, show_downloads
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.components.gap_map import gap_map, packed_map
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.facets import FACETS
from ipt_evidence.evidence.selection import Question
from ipt_evidence.exchange.map_files import MAP_FORMS, map_file

__all__ = ["render"]

OPENED = "open"  # rows of the map that show their narrower conditions, in the address


def render() -> None:
    """The gap map, each trial by condition and by year, the audit in a line, how current it is."""
    base = session.evidence()
    st.title("What does the evidence for Interpersonal Psychotherapy show?", anchor=False)
    with st.container(key="lead"):
        st.markdown(words.lead(base))
    with st.container(horizontal=True, key="start"):
        navigation.link("condition", words.START_STUDENT, ":material/play_arrow:")
        navigation.link("studies", words.START_RESEARCHER, ":material/manage_search:")
    with st.container(key="map-title"):
        st.header("The map of what is known", anchor=False)
    _map()
    st.header("Condition by condition", anchor=False)
    condition_cards()
    _panels()
    _timeline()
    st.header("Does the article's evidence support its claims?", anchor=False)
    st.markdown(escape(words.audit_line(base)))
    navigation.link("claims", "Read the audit", ":material/fact_check:")
    st.header("How current is this?", anchor=False)
    show_table(words.currency_table(base), key="searches", name="ipt-searches",
               caption="Until when each source was searched")  # fmt: skip
    st.caption(words.CURRENCY_NOTE)
    navigation.link("methods", "Sources, licences and methods", ":material/science:")


def _panels() -> None:
    """Small multiples of the trials against control; a dot leads to its trial."""
    st.subheader("Every trial against a control, condition by condition", anchor=False)
    base, look = session.evidence(), session.look()
    panel = words.by_condition_panel(base)
    _show("panels", "ipt-trials-by-condition", by_condition_figure(base, look), panel)
    if clicked := _clicked("panels"):
        query = dict(zip(("condition", "study"), clicked, strict=False))
        navigation.go("condition", **query)


def _timeline() -> None:
    """Every study over the years; a dot leads to its study."""
    st.subheader("Every study, year by year", anchor=False)
    base, look = session.evidence(), session.look()
    panel = words.by_year_panel(base)
    _show("dots", "ipt-studies-by-year", by_year_figure(base, look), panel)
    if clicked := _clicked("dots"):
        navigation.go("studies", study=clicked[0])
    navigation.link("studies", "See these studies one by one", ":material/library_books:")


def _show(key: str, name: str, figure: go.Figure, panel: Panel) -> None:
    """Show a figure whose marks can be clicked."""
    show_figure(
        figure,
        key=key,
        name=name,
        alt=panel.text_alternative,
        table=panel.table,
        on_select=lambda: None,
        how_to_read=panel.how_to_read,
    )


def _clicked(key: str) -> list[str]:
    """What the mark that was clicked stands for; nothing when none was."""
    event = st.session_state.get(key)
    for point in event.selection.points if event else []:
        if data := point.get("customdata"):
            return [str(item) for item in (data if isinstance(data, list | tuple) else [data])]
    return []


@st.fragment
def _map() -> None:
    """The gap map: its columns (``?map=``, ``?compared=``), which trials, and files of it."""
    base = session.evidence()
    with st.container(horizontal=True, vertical_alignment="bottom", key="map-choices"):
        dimension = str(
            address.one_of(
                st.segmented_control,
                "Columns of the map",
                list(DIMENSIONS),
                key="map",
                default=DIMENSIONS[0],
                format_func=lambda one: FACETS[one].label,
                label_visibility="collapsed",
                required=True,
                wrap=True,
            )
        )
        comparison = "control"
        if dimension != "comparison":
            labels = {c.id: c.label for c in base.taxonomy.comparisons}
            comparison = str(
                address.one_of(
                    st.selectbox,
                    "IPT compared with",
                    list(labels),
                    key="compared",
                    default=comparison,
                    format_func=labels.__getitem__,
                )
            )
        filters = _filters()
    opened = address.several_held("Opened rows", base.taxonomy.top_level, key=OPENED)
    asked = (dimension, comparison, filters)
    shown = _map_shown(base, asked, opened, session.is_dark())
    gap_map(shown.table, key=OPENED)
    if shown.note:
        st.caption(escape(shown.note))
    st.caption(f"{words.DIMENSION_EXPLAINED[dimension]} {words.MAP_KEY}")
    _files(base, asked, opened)
    address.finish()  # this part also runs alone


def _filters() -> Question:
    """Which trials the whole map is about (``?period=``, ``?rob=``, ``?income=``)."""
    with controls.choices("Which trials", key="map-trials", icon=":material/filter_alt:") as (
        now, _,
    ):  # fmt: skip
        fields: dict[str, Any] = {
            facet.filter.field: address.several_of(
                now(st.pills),
                facet.filter.label,
                list(facet.choices),
                key=name,
                format_func=facet.choices.__getitem__,
                selection_mode="multi",
                wrap=True,
            )
            for name, facet in ((name, FACETS[name]) for name in MAP_FILTERS)
            if facet.filter
        }
    return replace(NO_FILTERS, **fields)


_Asked = tuple[str, str, Question]


def _files(base: EvidenceBase, asked: _Asked, opened: tuple[str, ...]) -> None:
    """The map as files, each made when somebody asks."""

    def made(form: str) -> bytes:
        title, note = words.map_label(base, *asked[:2]), words.map_note(base, asked[0], ())
        note = " ".join(one for one in (filters_said(asked[2]), note) if one)
        return map_file(base, _cells(base, asked, opened), form, title, note)

    show_downloads(
        Menu(
            "Download the map",
            "download",
            [
                File(label, f"ipt-map.{form}", partial(made, form), mime)
                for form, (label, mime) in MAP_FORMS.items()
            ],
        ),
        key="map-files",
        of=asked,
    )


@dataclass(frozen=True, slots=True)
class _Map:
    table: bytes
    note: str


def _cells(base: EvidenceBase, asked: _Asked, opened: tuple[str, ...]) -> tuple[Cell, ...]:
    dimension, comparison, filters = asked
    rows = [
        one
        for condition in base.taxonomy.top_level
        for one in (condition, *(opened_by(base, condition) if condition in opened else ()))
    ]
    return coverage(
        base, dimension=dimension, comparison=comparison, conditions=tuple(rows), filters=filters
    )


@cached
def _map_shown(base: EvidenceBase, asked: _Asked, opened: tuple[str, ...], dark: bool) -> _Map:
    cells = _cells(base, asked, opened)
    dimension, comparison, filters = asked
    shown = columns(base, dimension)
    if dimension != "comparison":
        shown = filled(cells, shown)
    label = words.map_label(base, dimension, comparison)
    table = packed_map(gap_rows(base, cells, shown), shown, label, opened, dark=dark)
    notes = (filters_said(filters), words.map_note(base, dimension, cells))
    return _Map(table, " ".join(note for note in notes if note))
