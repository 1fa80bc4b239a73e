"""The words of the Overview: what the base holds, the audit in a line, and how current it is."""

from __future__ import annotations

from datetime import date

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.presentation import tables
from ipt_evidence.presentation.wording import lower_first

__all__ = ["MAP_EXPLAINED", "MAP_KEY", "audit_line", "currency", "lead", "month"]

MAP_EXPLAINED = (
    "Each cell is a question: for people with this condition, does IPT help more than this "
    "alternative? It holds the pooled effect (Hedges g), its 95% confidence interval, and how many "
    "trials and people stand behind it. A g of 0.2 is small, 0.5 moderate, 0.8 large; above 0 "
    "favours IPT. Open a cell to see its trials."
)

MAP_KEY = (
    "Blue-green: the whole interval favours IPT. Orange: it favours the comparison. Grey: no clear "
    "difference. The stronger the colour, the larger the effect. Empty cells say why: "
    "*no usable number* means that trials exist but report too little to pool after treatment; "
    "*no trial found* "
    "means that somebody looked; hatched cells were *not searched* by the sources used here. "
    "Effects are after treatment, from randomised trials, each counted once (REML, Hartung-Knapp)."
)


def lead(base: EvidenceBase) -> str:
    """What the base holds, in two sentences."""
    usable = int(base.effects["include"].sum())
    published = int(base.pooled["about_ipt"].sum())
    return (
        f"This explorer brings together **{tables.count(len(base.studies))} studies** of "
        "Interpersonal Psychotherapy (IPT), a structured, time-limited talking treatment, and of "
        f"its relatives: **{tables.count(len(base.effects))} results**, "
        f"{tables.count(usable)} of which may be pooled, and **{tables.count(published)} results "
        "about IPT that meta-analyses published**. Every number opens to its source."
    )


def audit_line(base: EvidenceBase) -> str:
    """The verdict on the article's references in one or two sentences."""
    counts = base.audit.verdict_counts()
    total = len(base.audit.references)
    missing = [
        lower_first(base.taxonomy.condition(condition).label)
        for condition in base.audit.conditions_without_evidence()
    ]
    line = (
        f"An overview article says that IPT helps in five conditions and cites {total} references. "
        f"**{counts['supports']} carry their claim, {counts['partly']} carry part of it, "
        f"{counts['does_not_support']} do not.**"
    )
    if missing:
        line += (
            f" For {_enumerate(missing)} it cites no study of IPT that carries any part of its "
            "claim; better evidence exists and is named in the audit."
        )
    return line


def _enumerate(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def month(iso_date: str) -> str:
    """Write an ISO date as month and year, like "January 2024"."""
    return f"{date.fromisoformat(iso_date):%B %Y}"


def currency(base: EvidenceBase) -> str:
    """Up to when trials were searched systematically, source by source."""
    searched = [source for source in base.sources.values() if source.last_search]
    lines = [
        f"- **{source.label}**: searched up to {month(source.last_search)}"
        for source in sorted(searched, key=lambda s: s.last_search, reverse=True)
    ]
    lines.append(
        "- Trial reports and reviews read for this project: not a systematic search, so trials "
        "may be missing"
    )
    return "\n".join(lines)
