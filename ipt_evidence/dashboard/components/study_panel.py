"""Everything known about one study, each number with its source."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st

from ipt_evidence.analyses.studies import related as kinship
from ipt_evidence.analyses.studies.summary import summary
from ipt_evidence.cache import cached
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components.text import escape, link, links, quote
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.derivation import FORMULAS
from ipt_evidence.evidence.integrity import status_of
from ipt_evidence.evidence.schema import OBTAINED
from ipt_evidence.living.free_texts import free_texts
from ipt_evidence.living.panel import integrity_line
from ipt_evidence.wording import studies as words
from ipt_evidence.wording.citation_text import citation_line, places, reference_url
from ipt_evidence.wording.phrases import listed
from ipt_evidence.wording.studies import flag_words

__all__ = ["integrity_note", "study_dialog", "study_panel"]


def study_dialog(
    study_id: str,
    show: Callable[[str], None],
    close: Callable[[], None],
    *,
    width: Literal["medium", "large"],
) -> None:
    """Show a study over the page, under its name; ``close`` follows when it is closed."""
    label = escape(str(session.evidence().study(study_id)["label"]))
    st.dialog(label, width=width, position="right", on_dismiss=close)(show)(study_id)


def study_panel(study_id: str, used: Collection[str] = ()) -> None:
    """Show the study below its name: what it is, what it found, where each number stands.

    The first result is open, of those with the ids ``used`` where any is: one click from a number
    to its source.
    """
    base = session.evidence()
    try:
        study = base.study(study_id)
    except KeyError:
        st.info(f"The base holds no study {escape(study_id)}.", icon=":material/search_off:")
        return
    effects = base.effects.loc[base.effects["study_id"] == study_id]
    with st.container(border=True, key="study-panel"):
        with st.container(key="study-summary"):
            st.markdown(escape(summary(base, study_id)))
        _reports(study)
        for flag in words.warnings(study, effects):
            st.warning(escape(flag), icon=":material/warning:")
        _facts(study)
        st.markdown(f"**What was measured** · {words.effects_in_words(effects)}")
        if effects.empty and pd.notna(study["no_effect_reason"]):
            st.info(escape(study["no_effect_reason"]), icon=":material/info:")
        ids = list(effects["effect_id"])
        opened = next((one for one in ids if one in used), ids[0] if ids else "")
        for _, effect in effects.iterrows():
            _effect(effect, opened=effect["effect_id"] == opened)
        _cited(study_id)
        _kin(study_id)
        _origin(study)


def _reports(study: pd.Series[Any]) -> None:
    base = session.evidence()
    free = free_texts(base.folder)
    records = {key: record for key in study["references"] if (record := base.reference(key))}
    if not records:
        seen = links(places(None, study["source_url"]))
        st.markdown(f"{words.NO_REFERENCE}. The study was seen in one place only: {seen}")
    for key, record in records.items():
        opened = [("Open the paper", reference_url(record)), ("Free full text", free.get(key))]
        shown = links([(words, address) for words, address in opened if address])
        st.markdown(f"{escape(citation_line(record))} {shown}")
        st.markdown(integrity_note(status_of(base.integrity, key)))
    numbers = _related(base, str(study["study_id"])).related.registrations
    registered = f"Registered as {listed(numbers)}" if numbers else "No registration was seen"
    st.caption(f"{escape(registered)}.")


def _facts(study: pd.Series[Any]) -> None:
    facts = words.study_facts(study, session.evidence().taxonomy)
    with st.container(key="study-facts"):
        st.markdown("\n".join(f"- **{escape(name)}:** {escape(value)}" for name, value in facts))


def _effect(effect: pd.Series[Any], *, opened: bool) -> None:
    title = escape(words.effect_title(effect, session.evidence().instruments))
    with st.expander(title, expanded=opened):
        st.markdown(escape(words.effect_use(effect)))
        inputs = words.effect_inputs(effect)
        if inputs:
            cells = [[escape(cell) if cell else "" for cell in row] for row in inputs]
            st.table(pd.DataFrame(cells, columns=["Input", "IPT", "Comparison"]), width="content")
        if pd.notna(effect["formula"]):
            formula = escape(FORMULAS.get(effect["formula"], effect["formula"]))
            st.caption(f"How g was obtained: {OBTAINED[effect['obtained']].lower()}. {formula}.")
        for flag in effect["flags"]:
            st.caption(escape(flag_words(flag).sentence))
        st.markdown(quote(effect["quote"]))
        source = session.evidence().sources[effect["source_id"]]
        st.caption(
            f"{escape(source.label)}: {links(_places(effect['reference'], effect))} · "
            f"{words.checked(effect)}"
        )
        if pd.notna(effect["note"]):
            st.caption(escape(effect["note"]))


def _places(reference: str, row: pd.Series[Any]) -> list[tuple[str, str]]:
    return places(session.evidence().reference(reference), row["source_url"])


def _cited(study_id: str) -> None:
    """Who cites it in the article, and for which claim."""
    found = _related(session.evidence(), study_id)
    if not found.cited:
        return
    st.markdown("**In the article**")
    for cited in found.cited:
        st.markdown(f"{escape(cited.condition)}: “{escape(cited.statement)}”")
        st.caption(escape(cited.role))
    navigation.link("claims", "Read the audit", ":material/fact_check:")


def _kin(study_id: str) -> None:
    """Reports and studies that belong to it, and where its results were read."""
    base = session.evidence()
    found = _related(session.evidence(), study_id)
    st.markdown("**Related reports and sources**")
    labels = base.studies.set_index("study_id")["label"]
    lines = [
        f"- {escape(words_of)}: {escape(', '.join(str(labels[s]) for s in studies))}"
        for words_of, studies in found.kin
    ]
    for key in found.related.reviews:
        record = base.reference(key)
        if record is not None:
            place = reference_url(record)
            opened = f" {link('Open', place)}" if place else ""
            lines.append(f"- Read in: {escape(citation_line(record))}{opened}")
    lines += [f"- {escape(said)} · {link('open', place)}" for said, place in found.places]
    st.markdown("\n".join(lines))


@dataclass(frozen=True, slots=True)
class _Kin:
    related: kinship.Related
    cited: list[kinship.CitedIn]
    kin: list[tuple[str, tuple[str, ...]]]
    places: list[tuple[str, str]]


@cached
def _related(base: EvidenceBase, study_id: str) -> _Kin:
    found = kinship.related(base, study_id)
    return _Kin(
        found,
        kinship.cited_in(base, found),
        kinship.kin(found),
        kinship.places(base, found),
    )


def _origin(study: pd.Series[Any]) -> None:
    if pd.notna(study["quote"]):
        st.markdown(quote(study["quote"]))
    st.caption(f"Found in: {links(_places(next(iter(study['references']), ''), study))}")
    if pd.notna(study["note"]):
        st.caption(escape(study["note"]))


_INTEGRITY_COLOURS = {
    "not_checked": ("gray", "help"),
    "unknown": ("gray", "help"),
    "no_notice": ("green", "verified"),
    "corrected": ("orange", "edit_note"),
    "expression_of_concern": ("orange", "warning"),
    "retracted": ("red", "block"),
}


def integrity_note(row: Mapping[str, Any]) -> str:
    """Markdown: what a check of one reference found, by whom and when; "not checked", too."""
    colour, icon = _INTEGRITY_COLOURS[str(row["status"])]
    return f":{colour}-badge[:material/{icon}: {escape(integrity_line(row))}]"
