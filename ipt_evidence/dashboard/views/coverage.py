"""The Coverage page: where, when, whom, how, with what, for how long; and what is missing."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ipt_evidence.analyses import how_to_read
from ipt_evidence.analyses.coverage import panel as words
from ipt_evidence.analyses.coverage.figure import horizontal_bars
from ipt_evidence.analyses.coverage.result import growth, whole_profile
from ipt_evidence.analyses.coverage.timeline import coverage_timeline
from ipt_evidence.analyses.gaps import panel as gap_questions
from ipt_evidence.analyses.gaps.result import NEEDS, Gap, gaps_among
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import address, controls
from ipt_evidence.dashboard.components.downloads import csv_file, offer
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.base import EvidenceBase

__all__ = ["render"]

FIRST_CARDS, FEW_CARDS = 6, 8  # the first of many; as many as are shown at once


def render() -> None:
    """One figure at a time of what was studied, how it grew, and the open questions."""
    st.title(words.TITLE, anchor=False)
    conditions = _choose_conditions()
    with st.container(key="answer"):
        st.markdown(session.recall(words.lead, conditions))
    _facet(conditions)
    _growth(conditions)
    gaps = gaps_among(session.evidence(), session.gaps(), conditions)
    _questions(gaps)
    _downloads(conditions)


def _choose_conditions() -> tuple[str, ...]:
    taxonomy = session.evidence().taxonomy
    return address.several_of(
        st.multiselect,
        "Condition",
        controls.condition_ids(taxonomy),
        key="in",
        format_func=lambda c: taxonomy.condition(c).label,
        placeholder="All conditions",
    )


def _facet(conditions: tuple[str, ...]) -> None:
    base = session.evidence()
    st.header("What was studied", anchor=False)
    group = _one_of("Show", words.GROUPS, "by", hidden=True)
    facets = words.in_group(group)
    with st.container(horizontal=True, vertical_alignment="bottom", key="facet-choices"):
        facet = next(iter(facets))
        if len(facets) > 1:
            facet = _one_of(words.GROUPS[group], facets, group)
        count = _one_of("Count", words.COUNTS, "count")
    figure, twin, table = _profile(
        base, base.fingerprint, facet, conditions, count, _colour(conditions), *_screen()
    )
    _chart(figure, twin, "profile", table, how_to_read.BARS)
    if len(conditions) < 2:
        query = {"in": conditions[0]} if conditions else {}
        navigation.link("studies", words.SEE_STUDIES, ":material/library_books:", **query)


def _one_of(label: str, options: dict[str, str], key: str, *, hidden: bool = False) -> str:
    """A choice between a few ids, the first by default."""
    chosen = address.one_of(
        st.segmented_control,
        label,
        list(options),
        key=key,
        default=next(iter(options)),
        format_func=options.__getitem__,
        required=True,
        wrap=True,
        label_visibility="collapsed" if hidden else "visible",
    )
    return str(chosen)


def _colour(conditions: tuple[str, ...]) -> str:
    """The top-level condition whose colour the bars have: that of the filter, where it is one."""
    taxonomy = session.evidence().taxonomy
    tops = {taxonomy.with_parents((condition,))[-1] for condition in conditions}
    return tops.pop() if len(tops) == 1 else ""


def _growth(conditions: tuple[str, ...]) -> None:
    base = session.evidence()
    st.header("How the evidence grew", anchor=False)
    st.markdown(words.TIMELINE_LEAD)
    figure, twin, table = _timeline(base, base.fingerprint, conditions, *_screen())
    _chart(figure, twin, "growth", table, how_to_read.TIMELINE)


def _screen() -> tuple[bool, bool]:
    """Whether the reader's screen is dark, and whether it is narrow."""
    return session.is_dark(), session.is_narrow()


def _chart(figure: go.Figure, twin: str, key: str, table: pd.DataFrame, how: str) -> None:
    """A figure with the sentence that says the same, and its numbers."""
    show_figure(figure, key=key, name=f"ipt-coverage-{key}", alt=twin, table=table, how_to_read=how)
    st.markdown(escape(twin))


def _questions(gaps: list[Gap]) -> None:
    st.header("Questions nobody has answered", anchor=False)
    st.markdown(words.QUESTIONS_LEAD)
    labels: dict[str, str] = {need: words.need_label(need, gaps) for need in NEEDS}
    chosen = _one_of("What would close the gap", labels, "need")
    st.markdown(gap_questions.NEED_EXPLAINED[chosen])
    among = [gap for gap in gaps if gap.need == chosen]
    if not among:
        st.info(words.NO_GAP, icon=":material/check_circle:")
        return
    shown = among if len(among) <= FEW_CARDS else among[:FIRST_CARDS]
    if shown is not among and address.switch(words.show_all(len(among)), key="all"):
        shown = among
    with st.grid(2, min_column_width=320, gap="medium", key="gap-cards"):
        for gap in shown:
            _card(gap)
    st.caption(gap_questions.PRIORITY)


def _card(gap: Gap) -> None:
    base = session.evidence()
    card = _worded(base, base.fingerprint, gap.rank, gap)
    with st.container(border=True, key=f"gap-{gap.rank}"):
        st.subheader(escape(card.question), anchor=False)
        st.markdown(f"**Why it matters.** {escape(card.why)}")
        st.markdown(f"**What we know.** {escape(card.known)}")
        st.markdown(f"**The search.** {escape(card.search)}")
        navigation.link(
            "condition",
            words.open_condition(base, gap),
            ":material/arrow_forward:",
            **_address(gap),
        )


def _address(gap: Gap) -> dict[str, str]:
    """The address of a gap's evidence on the Condition page.

    What that page shows by itself is left out: it would take it out of the address at once, and
    the back button would then lead to the same page again.
    """
    taxonomy = session.evidence().taxonomy
    usual = {"condition": taxonomy.conditions[0].id, "comparison": taxonomy.comparisons[0].id}
    wanted = {"condition": gap.condition, "comparison": gap.comparisons[0]}
    return {name: value for name, value in wanted.items() if value != usual[name]}


def _downloads(conditions: tuple[str, ...]) -> None:
    base = session.evidence()
    profile, gaps = _exported(base, base.fingerprint, conditions)
    st.header("Take it with you", anchor=False)
    offer(
        csv_file("What was studied (CSV)", profile, "ipt-coverage.csv"),
        csv_file("Open questions (CSV)", gaps, "ipt-gaps.csv"),
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _exported(
    _base: EvidenceBase, fingerprint: str, conditions: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    gaps = gaps_among(_base, session.gaps(), conditions)
    profile = words.export_profile(_base, whole_profile(_base, conditions))
    return profile, gap_questions.gap_export(_base, gaps)


# What is shown is computed once for all sessions: a click then costs next to nothing.
@st.cache_resource(max_entries=256, show_spinner=False)
def _profile(
    _base: EvidenceBase,
    fingerprint: str,
    facet: str,
    conditions: tuple[str, ...],
    count: str,
    condition: str,
    dark: bool,
    compact: bool,
) -> tuple[go.Figure, str, pd.DataFrame]:
    rows = words.bar_rows(_base, facet, conditions, count)
    notes = words.bar_notes(rows, facet, count)
    figure = horizontal_bars(rows, notes=notes, condition=condition, dark=dark, compact=compact)
    twin = words.twin(_base, facet, conditions, count)
    return figure, twin, words.profile_table(_base, facet, conditions)


@st.cache_resource(max_entries=64, show_spinner=False)
def _timeline(
    _base: EvidenceBase, fingerprint: str, conditions: tuple[str, ...], dark: bool, compact: bool
) -> tuple[go.Figure, str, pd.DataFrame]:
    rows = growth(_base, conditions)
    figure = coverage_timeline(rows, dark=dark, compact=compact)
    return figure, words.timeline_twin(_base, conditions), words.timeline_table(_base, rows)


@st.cache_resource(max_entries=512, show_spinner=False)
def _worded(_base: EvidenceBase, fingerprint: str, rank: int, _gap: Gap) -> gap_questions.GapCard:
    return gap_questions.gap_card(_base, _gap)
