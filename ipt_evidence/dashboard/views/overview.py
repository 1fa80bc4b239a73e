"""The Overview page: what is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import streamlit as st

from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.gap_map import gap_map
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.coverage import DIMENSIONS, Dimension
from ipt_evidence.presentation import overview as words
from ipt_evidence.presentation.condition import answer_sentence
from ipt_evidence.presentation.gap_map import (
    DIMENSION_WORDS,
    Column,
    GapRow,
    columns,
    filled,
    gap_rows,
    other_comparisons,
)

__all__ = ["render"]


def render() -> None:
    """Show the gap map, a card for each condition, the audit in a line, and how current it is."""
    base = session.evidence()
    cells = session.gap_cells()
    st.title("What does the evidence for Interpersonal Psychotherapy show?", anchor=False)
    st.markdown(words.lead(base))

    st.header("The map of what is known", anchor=False)
    _map()

    taxonomy = base.taxonomy
    st.header("Condition by condition", anchor=False)
    against_control = [cell for cell in cells if cell.comparison == taxonomy.comparisons[0].id]
    with st.grid(2, min_column_width=300, gap="medium", key="condition-cards"):
        for cell in against_control:
            condition = taxonomy.condition(cell.condition)
            with st.container(border=True, key=f"card-{condition.id}"):
                st.subheader(escape(condition.label), anchor=False)
                st.markdown(escape(answer_sentence(base, cell.estimate)))
                for line in other_comparisons(condition.id, cells, taxonomy.comparisons):
                    st.caption(escape(line))
                navigation.link(
                    "condition",
                    f"Open {condition.label}",
                    ":material/arrow_forward:",
                    condition=condition.id,
                )

    st.header("Does the article's evidence carry its claims?", anchor=False)
    st.markdown(words.audit_line(base))
    navigation.link("claims", "Read the audit", ":material/fact_check:")

    st.header("How current is this?", anchor=False)
    st.markdown(words.currency(base))
    navigation.link("methods", "Sources, licences and methods", ":material/science:")


@st.fragment
def _map() -> None:
    """The gap map, with the choice of its columns (``?map=``, ``?against=``)."""
    base = session.evidence()
    with st.container(horizontal=True, vertical_alignment="bottom", key="map-choices"):
        dimension = cast(
            "Dimension",
            address.one_of(
                st.segmented_control,
                "Columns of the map",
                list(DIMENSIONS),
                key="map",
                default=DIMENSIONS[0],
                format_func=DIMENSION_WORDS.__getitem__,
                required=True,
                wrap=True,
            ),
        )
        comparison = "control"
        if dimension != "comparison":
            labels = {c.id: c.label for c in base.taxonomy.comparisons}
            comparison = str(
                address.one_of(
                    st.selectbox,
                    "IPT compared with",
                    list(labels),
                    key="against",
                    default=comparison,
                    format_func=labels.__getitem__,
                )
            )
    st.markdown(words.DIMENSION_EXPLAINED[dimension])
    shown = session.recall(_map_shown, dimension, comparison)
    gap_map(shown.rows, shown.columns, shown.label)
    if shown.note:
        st.caption(escape(shown.note))
    st.caption(words.MAP_KEY)


@dataclass(frozen=True, slots=True)
class _Map:
    rows: list[GapRow]
    columns: tuple[Column, ...]
    label: str
    note: str


def _map_shown(base: EvidenceBase, dimension: Dimension, comparison: str) -> _Map:
    cells = session.gap_cells(dimension, comparison)
    shown = columns(base, dimension)
    if dimension != "comparison":
        shown = filled(cells, shown)
    return _Map(
        rows=gap_rows(cells, base.taxonomy.conditions, shown),
        columns=shown,
        label=words.map_label(base, dimension, comparison),
        note=words.map_note(base, dimension, cells),
    )
