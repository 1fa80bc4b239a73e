"""Certainty: the suggested level, each domain with its rule, a reader's own judgement, findings."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.analyses.certainty import panel as words
from ipt_evidence.analyses.certainty.findings import Finding, assumed_rate, findings
from ipt_evidence.analyses.certainty.result import DOMAINS, Certainty, Override, assess
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Model
from ipt_evidence.evidence.selection import Question

__all__ = ["certainty_of", "certainty_panel", "findings_panel"]

BY_RULE = "rule"
CHOICES = {
    BY_RULE: "As the rule says",
    "0": "No serious doubt",
    "1": "Serious",
    "2": "Very serious",
}
NOTE_LENGTH = 200


def certainty_of(
    base: EvidenceBase,
    question: Question,
    model: Model,
    bound: float,
    own: tuple[tuple[str, Override], ...] = (),
) -> Certainty:
    """The certainty of an answer, for `session.recall`."""
    answer = session.answer(question, model)
    return assess(base, answer, smallest_worthwhile=bound, overrides=dict(own))


def certainty_panel(question: Question, model: Model, bound: float) -> Certainty:
    """Show how sure one can be and why; a reader's own judgements stand in the address."""
    base = session.evidence()
    answer = session.answer(question, model)
    with st.container(key="certainty-panel"):
        place = st.container()
        own: tuple[tuple[str, Override], ...] = ()
        if answer.pooled is not None:
            with st.expander("Judge otherwise", icon=":material/edit_note:"):
                own = _own_judgements()
        found = session.recall(certainty_of, question, model, bound, own)
        with place:
            mark = words.level_mark(found.level)
            said = words.certainty_sentence(base, answer, found)
            st.markdown(f"{mark} {escape(said)}" if mark else escape(said))
            if found.level is None:
                return found
            st.caption(
                escape(words.LEVEL_MEANINGS[found.level])
                + (" One or more judgements are yours." if found.overridden else "")
                + f" {escape(words.SUGGESTION)}"
            )
            _domains(found, f"ipt-{question.condition}-{question.comparison}-certainty")
    return found


def _domains(found: Certainty, stem: str) -> None:
    """The domains as a table; on a narrow screen the rules are folded away below it."""
    table = words.domains_table(found)
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


def _findings(
    base: EvidenceBase, condition: str, model: Model, bound: float, rate: float | None
) -> tuple[Finding, ...]:
    return findings(base, condition, model, smallest_worthwhile=bound, rate=rate)


def findings_panel(condition: str, model: Model, bound: float) -> None:
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
    rate = percent / 100.0 if percent else None
    found = session.recall(_findings, condition, model, bound, rate)
    base = session.evidence()
    show_table(
        words.findings_table(base, found),
        key="findings",
        name=f"ipt-{condition}-summary-of-findings",
    )
    with st.expander("What is assumed", icon=":material/info:"):
        lines = []
        for finding in found:
            if finding.estimate.pooled is not None:
                label = base.taxonomy.comparison(finding.comparison).label
                assumed = finding.rate or assumed_rate(base, finding.estimate.selection.question)
                lines.append(f"- **{escape(label)}.** {escape(words.rate_sentence(assumed))}")
        st.markdown("\n".join(lines) or escape(words.NONE_POOLED))
