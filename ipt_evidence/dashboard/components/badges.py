"""Small marks beside a number: how large, how sure, from where, and what to beware of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from ipt_evidence.analyses.certainty import words as words
from ipt_evidence.analyses.certainty.result import Certainty
from ipt_evidence.dashboard.components.text import escape, link, quote
from ipt_evidence.living.panel import integrity_line
from ipt_evidence.wording.protocols import PooledLike
from ipt_evidence.wording.studies import flag_words

__all__ = ["certainty_badge", "effect_chip", "integrity_badge", "integrity_note", "provenance"]


def certainty_badge(certainty: Certainty, *, key: str = "certainty") -> None:
    """The suggested level; opens to what each domain asks, what it took away, and why.

    Nothing is shown where nothing was pooled: no evidence is not very uncertain evidence.
    """
    if certainty.level is None:
        return
    label = f"{words.LEVEL_WORDS[certainty.level]} {words.CIRCLES[certainty.level]}"
    with st.popover(label, key=key, type="tertiary", icon=":material/verified:"):
        lines = [
            f"- **{escape(words.DOMAIN_WORDS.get(domain.id, domain.id))}** "
            f"*{words.judgement(domain.judgement)}*. {escape(domain.reason)}"
            for domain in certainty.domains
        ]
        st.markdown("\n".join([words.SUGGESTION, "", *lines]))


def effect_chip(pooled: PooledLike | None) -> None:
    """The pooled effect as a little interval bar with its numbers; nothing where none is pooled."""
    if pooled is not None:
        st.html(words.chip_html(pooled))


def provenance(
    label: str, *, key: str, phrase: object, source: object, url: object, checked: str = ""
) -> None:
    """A number that opens to the phrase it stands in, its source and how it was checked."""
    with st.popover(escape(label), key=key, type="tertiary", icon=":material/format_quote:"):
        st.markdown(f"{quote(phrase)}\n\n{link(source, url)}")
        if checked:
            st.caption(escape(checked))


def integrity_badge(flags: Sequence[str]) -> None:
    """Warnings about a study or a result, in a few words each; nothing where there are none."""
    if not flags:
        return
    shown = [f":orange-badge[:material/warning: {escape(flag_words(f).short)}]" for f in flags]
    st.markdown(" ".join(shown))


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
