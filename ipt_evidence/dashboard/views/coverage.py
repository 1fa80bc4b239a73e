"""The Coverage page: where, when, whom, how, with what, for how long; and what is missing."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import address, controls
from ipt_evidence.dashboard.components.downloads import csv_button
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.gaps import NEEDS, Gap, find_gaps, gaps_among
from ipt_evidence.evidence.profile import growth, whole_profile
from ipt_evidence.presentation import coverage_page as words
from ipt_evidence.presentation import gap_questions
from ipt_evidence.presentation.charts.bars import horizontal_bars
from ipt_evidence.presentation.charts.timeline import coverage_timeline
from ipt_evidence.presentation.facets import FACET_WORDS, GROUPS

__all__ = ["render"]

FIRST_CARDS, FEW_CARDS = 6, 8  # the first of many; as many as are shown at once


def render() -> None:
    """One figure at a time of what was studied, how it grew, and the open questions."""
    st.title(words.TITLE, anchor=False)
    conditions = _choose_conditions()
    with st.container(key="answer"):
        st.markdown(words.lead(session.evidence(), conditions))
    _facet(conditions)
    _growth(conditions)
    gaps = gaps_among(session.evidence(), _gaps(), conditions)
    _questions(gaps)
    _downloads(conditions, gaps)


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
    group = _one_of("Show", {key: label for key, (label, _) in GROUPS.items()}, "by", hidden=True)
    facets = {facet: FACET_WORDS[facet].name for facet in GROUPS[group][1]}
    with st.container(horizontal=True, vertical_alignment="bottom", key="facet-choices"):
        facet = next(iter(facets))
        if len(facets) > 1:
            facet = _one_of(GROUPS[group][0], facets, group)
        count = _one_of("Count", words.COUNTS, "count")
    rows = words.bar_rows(base, facet, conditions, count)
    twin = words.twin(base, facet, conditions, count)
    st.plotly_chart(
        horizontal_bars(
            rows,
            notes=words.bar_notes(rows, facet, count),
            condition=_colour(conditions),
            dark=session.is_dark(),
            compact=session.is_narrow(),
        ),
        theme=None,
        key="profile",
        config={"displayModeBar": False},
        alt=twin,
    )
    st.markdown(escape(twin))
    with st.expander("The same as a table", icon=":material/table_rows:"):
        st.dataframe(words.profile_table(base, facet, conditions), hide_index=True)
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
    rows = growth(base, conditions)
    twin = words.timeline_twin(base, conditions)
    st.plotly_chart(
        coverage_timeline(rows, dark=session.is_dark(), compact=session.is_narrow()),
        theme=None,
        key="growth",
        config={"displayModeBar": False},
        alt=twin,
    )
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
    card = gap_questions.gap_card(base, gap)
    with st.container(border=True, key=f"gap-{gap.rank}"):
        st.subheader(escape(card.question), anchor=False)
        st.markdown(f"**Why it matters.** {escape(card.why)}")
        st.markdown(f"**What we know.** {escape(card.known)}")
        st.markdown(f"**The search.** {escape(card.search)}")
        navigation.link(
            "condition",
            words.open_condition(base, gap),
            ":material/arrow_forward:",
            condition=gap.condition,
            comparison=gap.comparisons[0],
        )


def _downloads(conditions: tuple[str, ...], gaps: list[Gap]) -> None:
    base = session.evidence()
    st.header("Take it with you", anchor=False)
    with st.container(horizontal=True, key="downloads"):
        csv_button("What was studied (CSV)", _profile(conditions), "ipt-coverage.csv")
        csv_button("Open questions (CSV)", gap_questions.gap_export(base, gaps), "ipt-gaps.csv")


def _gaps() -> list[Gap]:
    base = session.evidence()
    return _found(base, base.fingerprint)


@st.cache_resource(max_entries=2, show_spinner="Looking for gaps…")
def _found(_base: EvidenceBase, fingerprint: str) -> list[Gap]:
    return find_gaps(_base)


def _profile(conditions: tuple[str, ...]) -> pd.DataFrame:
    base = session.evidence()
    return _exported(base, base.fingerprint, conditions)


@st.cache_resource(max_entries=64, show_spinner=False)
def _exported(_base: EvidenceBase, fingerprint: str, conditions: tuple[str, ...]) -> pd.DataFrame:
    return words.export_profile(_base, whole_profile(_base, conditions))
