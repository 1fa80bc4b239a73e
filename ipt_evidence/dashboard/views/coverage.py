"""The Coverage page: where, when, whom, how, with what, for how long; and what is missing."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from ipt_evidence.analyses.coverage import panel as words
from ipt_evidence.analyses.coverage.figure import figure, growth_figure
from ipt_evidence.analyses.gaps import panel as gap_questions
from ipt_evidence.analyses.gaps.result import NEEDS, Gap, find_gaps, gaps_among
from ipt_evidence.analyses.panel import Panel
from ipt_evidence.analyses.registry import analysis
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import address, controls
from ipt_evidence.dashboard.components.downloads import csv_file, show_downloads
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.studies import KEYS
from ipt_evidence.evidence.context import context_conditions
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View
from ipt_evidence.figures.look import Look

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
    _therapies(conditions)
    base = session.evidence()
    gaps = gaps_among(base, find_gaps(base), conditions)
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
    group = _one_of("Show", words.GROUPS, "by", hidden=True)
    facets = words.in_group(group)
    with st.container(horizontal=True, vertical_alignment="bottom", key="facet-choices"):
        facet = next(iter(facets))
        if len(facets) > 1:
            facet = _one_of(words.GROUPS[group], facets, group)
        count = _one_of("Count", words.COUNTS, "count")
    panel = words.panel(base, facet, conditions, count)
    _chart(figure(base, facet, conditions, count, _look()), panel, "profile")
    if len(conditions) < 2:
        query = {"in": conditions[0]} if conditions else {}
        with st.container(horizontal=True, key="see-studies"):
            navigation.link("studies", words.SEE_STUDIES, ":material/library_books:", **query)
            for label, level in words.level_links(base, facet, conditions):
                navigation.link("studies", label, **query, **{KEYS[facet]: level})


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


def _growth(conditions: tuple[str, ...]) -> None:
    base = session.evidence()
    st.header("How the evidence grew", anchor=False)
    st.markdown(words.TIMELINE_LEAD)
    _chart(growth_figure(base, conditions, _look()), words.growth_panel(base, conditions), "growth")


def _therapies(conditions: tuple[str, ...]) -> None:
    """IPT among the psychotherapies of one condition, where the base holds them."""
    held = [name for name in context_conditions(session.evidence()) if name in conditions]
    if not held and not conditions:
        held = list(context_conditions(session.evidence()))
    if not held:
        return
    st.header("Beside the other therapies", anchor=False)
    base, shown, view = session.evidence(), analysis("therapies"), View(Question(held[0]))
    _chart(shown.figure(base, view, session.look(view)), shown.panel(base, view), "therapies")
    navigation.link(
        "condition", "List the trials, or choose other ones", ":material/arrow_forward:",
        condition=held[0], section="therapies",
    )  # fmt: skip


def _look() -> Look:
    return Look(dark=session.is_dark(), compact=session.is_narrow())


def _chart(drawn: go.Figure, panel: Panel, key: str) -> None:
    """A figure with the sentence that says the same, and its numbers."""
    show_figure(
        drawn,
        key=key,
        name=f"ipt-coverage-{key}",
        alt=panel.text_alternative,
        table=panel.table,
        how_to_read=panel.how_to_read,
    )
    for text in panel.sentences:
        st.markdown(escape(text))


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


def _downloads(conditions: tuple[str, ...], gaps: list[Gap]) -> None:
    base = session.evidence()
    st.header("Download and cite", anchor=False)
    show_downloads(
        csv_file(
            "What was studied (CSV)", words.export_profile(base, conditions), "ipt-coverage.csv"
        ),
        csv_file("Open questions (CSV)", gap_questions.gap_export(base, gaps), "ipt-gaps.csv"),
    )
