"""The Claims page: does each citation support its statement."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Literal

import streamlit as st

from ipt_evidence.analyses.claims import panel as words
from ipt_evidence.analyses.claims.figure import figure as claim_figure
from ipt_evidence.analyses.overview.panel import audit_line
from ipt_evidence.cache import cached
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components.downloads import csv_file, references_file, show_downloads
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.components.study_panel import integrity_note
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape, link, links, quote
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.claims import AuditedReference, BetterEvidence, Claim
from ipt_evidence.evidence.integrity import status_of
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View
from ipt_evidence.living import corrections
from ipt_evidence.living import panel as living
from ipt_evidence.wording import phrases
from ipt_evidence.wording.citation_text import citation_line, places, reference_url

__all__ = ["render"]

_Colour = Literal["green", "orange", "red"]
BADGES: dict[str, tuple[str, _Colour]] = {
    "supports": (":material/check_circle:", "green"),
    "partly": (":material/contrast:", "orange"),
    "does_not_support": (":material/cancel:", "red"),
}


_PARTS = {
    "letters": "When two treatments share three letters",
    "table": "The audit in one table",
    "references": "The references at a glance",
}


def render() -> None:
    """The verdict in a line, the article section by section, the whole as tables to cite."""
    base = session.evidence()
    audit = base.audit
    st.title("Do the citations support the claims?", anchor=False)
    with st.container(key="answer"):
        st.markdown(escape(audit_line(base)))
    if line := words.article_line(audit):
        st.markdown(escape(line))
    st.markdown(words.HOW_WE_JUDGED)
    sections, notes = words.by_section(audit), words.acronym_notes(audit)
    parts = {section: base.taxonomy.condition(section).label for section, _ in sections}
    parts |= _PARTS if notes else {one: name for one, name in _PARTS.items() if one != "letters"}
    links = " · ".join(f"[{escape(name)}](#{one})" for one, name in parts.items())
    st.markdown(f"**On this page:** {links}")
    for section, claims in sections:
        st.header(escape(parts[section]), anchor=section)
        for claim in claims:
            _claim(base, claim)
    if notes:
        st.header(_PARTS["letters"], anchor="letters")
    for note in notes:
        st.markdown(escape(note))
    st.header(_PARTS["table"], anchor="table")
    st.markdown(words.TABLE_LEAD)
    show_table(words.verdict_rows(base), key="verdicts", name="ipt-claims")
    st.header(_PARTS["references"], anchor="references")
    table = words.references_table(base)
    show_table(table, key="audit", name="ipt-claim-audit", download=False)
    keys = [reference.key for reference in audit.references]
    show_downloads(
        csv_file("The references judged (CSV)", table, "ipt-claim-audit.csv"),
        references_file("The references (BibTeX)", keys, "ipt-article"),
    )


def _claim(base: EvidenceBase, claim: Claim) -> None:
    with st.container(key=f"claim-{claim.id}"):
        st.markdown(_statement(base, claim))
        if claim.marker_note:
            st.caption(escape(claim.marker_note))
        _finding(base, claim)
        for number in claim.references:
            _reference(base, base.audit.reference(number))
        if claim.better_evidence:
            st.markdown(_better_evidence(base, claim))
        navigation.link(
            "condition",
            words.see_condition(base, claim.condition),
            ":material/arrow_forward:",
            condition=claim.condition,
        )


@cached
def _statement(_: EvidenceBase, claim: Claim) -> str:
    return "\n\n".join([quote(claim.statement), _badge(claim.verdict), escape(claim.reason)])


@cached
def _better_evidence(base: EvidenceBase, claim: Claim) -> str:
    better = (f"- {_better(base, item)}" for item in claim.better_evidence)
    return "\n".join(["**Better evidence**", "", *better])


def _finding(base: EvidenceBase, claim: Claim) -> None:
    """The finding in one figure, where there is a number of IPT to draw."""
    look = session.look(View(Question(claim.condition)))
    known = words.panel.holds(base, claim)
    with nullcontext() if known else st.spinner("Drawing the findings…"):
        panel = words.panel(base, claim)
    if panel.drawn:
        show_figure(
            claim_figure(base, claim, look),
            key=f"finding-{claim.id}",
            name=f"ipt-claim-{claim.id}",
            alt=panel.text_alternative,
            table=panel.table,
            how_to_read=panel.how_to_read,
        )


def _badge(verdict: str) -> str:
    icon, colour = BADGES[verdict]
    return f":{colour}-badge[{icon} {escape(phrases.verdict(verdict))}]"


def _reference(base: EvidenceBase, reference: AuditedReference) -> None:
    title, text = _described(base, reference)
    with st.expander(title):
        st.markdown("\n\n".join([text, *_from_services(base, reference.number)]))


@cached
def _described(base: EvidenceBase, reference: AuditedReference) -> tuple[str, str]:
    """Heading and text of a reference, as one text: a page of many small ones is slow."""
    record = base.reference(reference.key)
    parts = [_badge(reference.verdict), f"**{words.AS_CITED}**", quote(reference.printed)]
    if record is not None:
        address = reference_url(record)
        opened = f" {link('Open the paper', address)}" if address else ""
        parts += ["**The record we could verify**", f"{escape(citation_line(record))}{opened}"]
    parts += [f"**{head}** {escape(value)}" for head, value in words.reference_facts(reference)]
    parts.append(integrity_note(status_of(base.integrity, reference.key)))
    parts += [f"- Citation: {escape(error)}" for error in reference.citation_errors]
    if reference.quote:
        source = links(places(record, reference.source_url))
        parts += [quote(reference.quote), f":small[This phrase: {source}]"]
    parts += [f"**Better evidence:** {_better(base, item)}" for item in reference.better_evidence]
    title = f"Reference {reference.number}: {escape(words.short(reference, record))}"
    return title, "\n\n".join(parts)


def _better(base: EvidenceBase, better: BetterEvidence) -> str:
    record = base.reference(better.key) if better.key else None
    return f"{escape(better.text)} {links(places(record, better.url))}"


def _from_services(base: EvidenceBase, number: int) -> list[str]:
    """What the services say against the print, where somebody asked them."""
    said = living.machine_sentences(corrections.load(base.folder), number)
    lines = "\n".join(f"- {escape(sentence)}" for sentence in said)
    return ["**Found by comparison with the services**", lines] if said else []
