"""The Overview page: what is known."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components.gap_map import gap_map
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.presentation import overview as words
from ipt_evidence.presentation.condition import answer_sentence
from ipt_evidence.presentation.gap_map import (
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
    st.markdown(words.MAP_EXPLAINED)
    taxonomy = base.taxonomy
    gap_map(gap_rows(cells, taxonomy.conditions, taxonomy.comparisons), taxonomy.comparisons)
    st.caption(words.MAP_KEY)

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
