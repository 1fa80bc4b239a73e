"""Certainty: the suggested level, each domain with its rule, a reader's own judgement, findings."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ipt_evidence.analyses.certainty import panel as words
from ipt_evidence.analyses.certainty.result import DOMAINS, Override, certainty_of
from ipt_evidence.analyses.naming import named_panel
from ipt_evidence.cache import cached
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View, estimate_of

__all__ = ["certainty_badge", "certainty_panel", "findings_panel"]

BY_RULE = "rule"
CHOICES = {
    BY_RULE: "As the rule says",
    "0": "No serious doubt",
    "1": "Serious",
    "2": "Very serious",
}
NOTE_LENGTH = 200


def certainty_badge(view: View) -> None:
    """The suggested level; opens to what each domain asks, what it took away, and why.

    Nothing is shown where nothing was pooled: no evidence is not very uncertain evidence.
    """
    certainty = certainty_of(session.evidence(), view)
    if certainty.level is None:
        return
    label = words.level_words(certainty.level)
    if certainty.of_a_part:
        label += ", of a part of the evidence"
    with st.popover(label, key="certainty", type="tertiary", icon=":material/verified:"):
        st.markdown(_in_short(session.evidence(), view))


@cached
def _in_short(base: EvidenceBase, view: View) -> str:
    """What each domain asks, what it took away, and why, as a list."""
    certainty = certainty_of(base, view)
    lines = [
        f"- **{escape(words.DOMAIN_QUESTIONS[domain.id])}** "
        f"*{words.STEPS[domain.judgement]}*. {escape(domain.reason)}"
        for domain in certainty.domains
    ]
    held = words.cap_sentences(base, estimate_of(base, view), certainty)
    lines += [f"- {escape(sentence)}" for sentence in held]
    return "\n".join([words.SHORT_SUGGESTION, "", *lines])


def certainty_panel(view: View, bound: float) -> None:
    """Show how sure one can be and why; a reader's own judgements stand in the address."""
    base, question = session.evidence(), view.question
    with st.container(key="certainty-panel"):
        place = st.container()
        own: tuple[tuple[str, Override], ...] = ()
        if estimate_of(base, view).pooled is not None:
            with st.expander("Judge otherwise", icon=":material/edit_note:"):
                own = _own_judgements()
        found = named_panel(words.panel(base, view, bound, own), base.names)
        with place:
            sentence, *meaning = found.sentences
            st.markdown(escape(sentence))
            if meaning:
                st.caption(escape(meaning[0]))
                stem = f"ipt-{question.condition}-{question.comparison}-certainty"
                _domains(found.table, stem)


def _domains(table: pd.DataFrame, stem: str) -> None:
    """The domains as a table; on a narrow screen the rules are folded away below it."""
    if not session.is_narrow():
        show_table(table, key="certainty-domains", name=stem)
        return
    show_table(table.drop(columns="Rule"), key="certainty-domains", name=stem)
    with st.expander("The rules", icon=":material/rule:"):
        rules = zip(table["Domain"], table["Rule"], strict=True)
        st.markdown("\n".join(f"- **{escape(name)}.** {escape(rule)}" for name, rule in rules))


def _own_judgements() -> tuple[tuple[str, Override], ...]:
    """Judgements that the reader puts in place of a rule's (``?grade_<domain>=``, ``?why_…=``)."""
    st.markdown(
        "A judgement counts only with its reason. Both are kept in the address of this page."
    )
    own = []
    for domain in DOMAINS:
        with st.container(horizontal=True, vertical_alignment="bottom", key=f"judge-{domain}"):
            chosen = address.one_of(
                st.selectbox,
                words.DOMAIN_WORDS[domain],
                list(CHOICES),
                key=f"grade_{domain}",
                default=BY_RULE,
                format_func=CHOICES.__getitem__,
                width=210,
            )
            note = address.words(
                "Reason",
                key=f"why_{domain}",
                max_chars=NOTE_LENGTH,
                placeholder="Why?",
                disabled=chosen == BY_RULE,
            )
        if chosen not in (None, BY_RULE) and note.strip():
            own.append((domain, Override(-int(str(chosen)), note.strip())))
    return tuple(own)


def findings_panel(view: View, bound: float) -> None:
    """The summary of findings of a condition, with people of 100 (``?rate=`` sets how many)."""
    percent = address.number(
        "People of 100 who do well with the comparison (0: as in the trials)",
        0.0,
        90.0,
        key="rate",
        default=0.0,
        step=5.0,
        format="%.0f",
        width=420,
    )
    base = session.evidence()
    show_table(
        words.findings_panel(base, view, bound, percent).table,
        key="findings",
        name=f"ipt-{view.question.condition}-summary-of-findings",
    )
    with st.expander("What is assumed", icon=":material/info:"):
        lines = [
            f"- **{escape(label)}.** {escape(sentence)}"
            for label, sentence in words.assumptions(base, view, percent)
        ]
        st.markdown("\n".join(lines) or escape(words.NONE_POOLED))
