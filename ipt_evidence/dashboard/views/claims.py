"""The Claims page: does each citation carry the statement that it stands behind."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components.downloads import bibtex_button, csv_button
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape, link, quote
from ipt_evidence.evidence.claims import AuditedReference, Claim
from ipt_evidence.presentation import claims as words
from ipt_evidence.presentation import sentences
from ipt_evidence.presentation.citation_text import citation_line, reference_url
from ipt_evidence.presentation.overview import audit_line

__all__ = ["render"]

_Colour = Literal["green", "orange", "red"]
BADGES: dict[str, tuple[str, _Colour]] = {
    "supports": (":material/check_circle:", "green"),
    "partly": (":material/contrast:", "orange"),
    "does_not_support": (":material/cancel:", "red"),
}


def render() -> None:
    """The verdict in a line, the article section by section, the references as a table."""
    base = session.evidence()
    audit = base.audit
    st.title("Do the citations carry the claims?", anchor=False)
    st.markdown(audit_line(base))
    st.markdown(words.HOW_WE_JUDGED)
    for section, claims in words.by_section(audit):
        st.header(escape(base.taxonomy.condition(section).label), anchor=False)
        for claim in claims:
            _claim(claim)
    notes = words.acronym_notes(audit)
    if notes:
        st.header("When two treatments share three letters", anchor=False)
    for note in notes:
        st.markdown(escape(note))
    st.header("The references at a glance", anchor=False)
    table = words.references_table(audit)
    show_table(table, key="audit", name="ipt-claim-audit", download=False)
    with st.container(horizontal=True, key="downloads"):
        csv_button("The audit (CSV)", table, "ipt-claim-audit.csv")
        bibtex_button(
            "The references (BibTeX)", [r.key for r in audit.references], "ipt-article.bib"
        )


def _claim(claim: Claim) -> None:
    audit = session.evidence().audit
    with st.container(border=True, key=f"claim-{claim.id}"):
        st.markdown(f"**The article says:** {escape(claim.statement)}")
        _badge(claim.verdict)
        st.markdown(escape(claim.reason))
        if claim.marker_note:
            st.caption(escape(claim.marker_note))
        for number in claim.references:
            _reference(audit.reference(number))
        if claim.better_evidence:
            st.markdown("**Better evidence**")
            for better in claim.better_evidence:
                st.markdown(f"- {escape(better.text)} {link('Open', better.url)}")
        navigation.link(
            "condition",
            words.see_condition(session.evidence(), claim.condition),
            ":material/arrow_forward:",
            condition=claim.condition,
        )


def _badge(verdict: str) -> None:
    icon, colour = BADGES[verdict]
    st.badge(sentences.verdict(verdict), icon=icon, color=colour)


def _reference(reference: AuditedReference) -> None:
    base = session.evidence()
    record = base.reference(reference.key)
    with st.expander(f"Reference {reference.number}: {escape(words.short(reference, record))}"):
        _badge(reference.verdict)
        st.markdown(f"**As the article prints it**\n\n{quote(reference.printed)}")
        if record is not None:
            address = reference_url(record)
            opened = f" {link('Open the paper', address)}" if address else ""
            st.markdown(
                f"**The record we could verify**\n\n{escape(citation_line(record))}{opened}"
            )
        for heading, value in words.reference_facts(reference):
            st.markdown(f"**{heading}** {escape(value)}")
        for error in reference.citation_errors:
            st.markdown(f"- Citation: {escape(error)}")
        if reference.quote:
            st.markdown(quote(reference.quote))
            st.caption(link("Open the source of this phrase", reference.source_url))
        for better in reference.better_evidence:
            st.markdown(f"**Better evidence:** {escape(better.text)} {link('Open', better.url)}")
