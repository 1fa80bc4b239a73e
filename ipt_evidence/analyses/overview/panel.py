"""The words of the Overview: what the base holds, the audit in a line, and how current it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from ipt_evidence.analyses.gap_map.panel import columns, filled
from ipt_evidence.analyses.gap_map.result import Cell, unplaced
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.facets import FACETS
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import lower_first, spell, upper_first

__all__ = [
    "CURRENCY_NOTE",
    "DIMENSION_EXPLAINED",
    "MAP_EXPLAINED",
    "MAP_KEY",
    "audit_line",
    "currency_table",
    "lead",
    "map_label",
    "map_note",
    "month",
]

MAP_EXPLAINED = (
    "Each cell is a question: for people with this condition, does IPT help more than this "
    "alternative? It holds the pooled effect (Hedges g), its 95% confidence interval, how many "
    "trials and people stand behind it, and how sure one can be. A g of 0.2 is small, 0.5 "
    "moderate, 0.8 large; above 0 favours IPT. Open a cell to see its trials."
)
DIMENSION_EXPLAINED = {
    "comparison": MAP_EXPLAINED,
    "age": "Who took part: the trials of each condition, split by age group.",
    "format": "How IPT was given: alone with a therapist, in a group, by telephone, online.",
    "outcome": (
        "What was measured after treatment. A condition is mostly judged by its own symptoms; here "
        "stands what IPT does for anything else that was measured."
    ),
    "when": (
        "Does it last? Results at the end of treatment, up to half a year later, and after more "
        "than half a year."
    ),
}

MAP_KEY = (
    "Blue-green: the whole interval favours IPT. Orange: it favours the comparison. Grey: no clear "
    "difference. The stronger the colour, the larger the effect. Circles: how sure one can be, "
    "⊕◯◯◯ very low to ⊕⊕⊕⊕ high, suggested by fixed rules after GRADE. Empty cells say why: "
    "*no usable number* means that trials exist but report too little to pool; *no trial found* "
    "means that somebody looked; *no result recorded*, that the base holds trials but no such "
    "result of them; hatched cells were *not searched* by the sources used here. "
    "Effects are after treatment unless the column says otherwise, from randomised trials, each "
    "counted once (REML, Hartung-Knapp)."
)


def map_label(base: EvidenceBase, dimension: str, comparison: str) -> str:
    """Name the map for those who hear it: its rows, its columns, and what IPT was compared with."""
    if dimension == "comparison":
        return "What is known for each condition and comparison"
    against = lower_first(base.taxonomy.comparison(comparison).label)
    columns_named = lower_first(FACETS[dimension].label)
    return f"What is known for each condition and {columns_named}, IPT compared with {against}"


def map_note(base: EvidenceBase, dimension: str, cells: Sequence[Cell]) -> str:
    """What the columns of the map do not hold; empty where they hold everything.

    ``cells`` are all cells of the dimension for one comparison.
    """
    every = columns(base, dimension)
    held = filled(cells, every)
    notes = []
    missing = [lower_first(column.label) for column in every if column not in held]
    if missing and dimension != "comparison":
        notes.append(f"No column, because no trial is known: {_enumerate(missing)}.")
    lost = unplaced(base, dimension, cells[0].comparison) if cells else 0
    if lost:
        are = "trial does" if lost == 1 else "trials do"
        name = lower_first(FACETS[dimension].label)
        notes.append(f"{upper_first(spell(lost))} {are} not report the {name}.")
    return " ".join(notes)


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


CURRENCY_NOTE = (
    "Trial reports and reviews were also read for this project. That was not a systematic search, "
    "so trials may be missing."
)


def currency_table(base: EvidenceBase) -> pd.DataFrame:
    """Up to when trials were searched systematically, source by source, newest first."""
    searched = [source for source in base.sources.values() if source.last_search]
    searched.sort(key=lambda source: (source.last_search, source.label), reverse=True)
    used = base.effects.groupby("source_id")["study_id"].nunique()
    return pd.DataFrame(
        {
            "Source": [source.label for source in searched],
            "Searched up to": [month(source.last_search) for source in searched],
            "Trials here": [tables.count(int(used.get(source.id, 0))) for source in searched],
            "Licence": [source.licence or tables.NOT_REPORTED for source in searched],
        },
        dtype="object",
    )
