"""The words and tables of the Studies page."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from functools import partial
from typing import Any

import pandas as pd

from ipt_evidence.analyses.studies.result import Found
from ipt_evidence.analyses.studies.summary import main_words
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.facets import FACETS
from ipt_evidence.wording import tables
from ipt_evidence.wording.studies import level_label

__all__ = [
    "LEAD",
    "NOTHING_FOUND",
    "SEARCH_HELP",
    "export_studies",
    "facet_button",
    "facet_level",
    "facet_options",
    "found_line",
    "picked_line",
    "studies_table",
]

LEAD = (
    "Every study in the base, with or without a usable number. Open a study by its name to see "
    "what it found and where each number stands. Tick two to four to see them side by side."
)
NOTHING_FOUND = "No study fits. Take a filter away, or search for fewer words."
SEARCH_HELP = (
    "Looks in titles, authors, abstracts, people, treatments, outcomes and notes. Words may be cut "
    "short, and other forms and names are found: *suicide* finds *suicidal*, *CBT* finds "
    "*cognitive behavioural therapy*, *Africa* its countries. “Quotation marks” keep words "
    "together; a minus before a word leaves it out: *counselling -telephone*. Case and accents do "
    "not matter."
)
FIELD_NAMES = {
    "study": "name",
    "title": "title",
    "authors": "authors",
    "abstract": "abstract",
    "people": "people",
    "treatment": "treatment",
    "outcomes": "outcomes",
    "note": "notes",
    "identifier": "number",
}


def facet_options(base: EvidenceBase, facet: str, counts: Mapping[str, int]) -> tuple[str, ...]:
    """Levels of a facet that some study has, in the order of the taxonomy or the schema.

    ``counts`` are those without any filter; countries come with most studies first.
    """
    known: Iterable[str] = FACETS[facet].levels
    if facet in ("condition", "narrower"):
        known = [condition.id for condition in base.taxonomy.conditions]
    elif facet == "year":
        known = sorted(counts, reverse=True)
    elif facet == "comparison":
        known = [comparison.id for comparison in base.taxonomy.comparisons]
    elif not known:
        known = sorted(counts, key=lambda level: (-counts[level], level))
    return tuple(level for level in known if level in counts)


def facet_level(base: EvidenceBase, facet: str, level: str, count: int) -> str:
    """Name a level with the number of studies that choosing it would show."""
    return f"{FACETS[facet].label_of(level, base)} {tables.count(count)}"


def facet_button(facet: str, chosen: int) -> str:
    """Label the button of a facet, with how many of its levels are chosen."""
    return f"{FACETS[facet].label} ({chosen})" if chosen else FACETS[facet].label


def found_line(found: int, total: int) -> str:
    """How many studies the filters leave."""
    if found == total:
        return f"**All {tables.count(total)} studies**"
    return f"**{tables.count(found)} of {tables.count(total)} studies**"


def picked_line(number: int) -> str:
    """How many studies are ticked and what can be done with them."""
    if number == 1:
        return "**One study ticked.** Tick another to compare the two."
    if number > 4:
        return f"**{tables.count(number)} studies ticked.** Up to four can stand side by side."
    return f"**{tables.count(number)} studies ticked**, side by side below."


def studies_table(base: EvidenceBase, found: Found) -> pd.DataFrame:
    """One row a study, in words; with where the words were found when some were looked for."""
    condition, comparison = base.taxonomy.condition, base.taxonomy.comparison
    studies = found.studies
    columns = {
        "Study": [_named(base, study) for study in studies.to_dict("records")],
        "Main result (g)": [main_words(base, study) for _, study in studies.iterrows()],
        "Conditions": [
            ", ".join(condition(c).label for c in cell) for cell in studies["conditions"]
        ],
        "Compared with": [
            ", ".join(comparison(c).label for c in cell) or tables.NOT_REPORTED
            for cell in studies["comparisons"]
        ],
        "Design": studies["design"].map(partial(level_label, "design")),
        "Format": studies["format"].map(partial(level_label, "format")),
        "People": studies["n_randomised"].astype(object).map(tables.count),
        "Risk of bias": studies["rob"].map(tables.risk_of_bias),
        "Usable results": [
            f"{usable} of {total}" if total else "none"
            for usable, total in zip(studies["n_usable"], studies["n_effects"], strict=True)
        ],
    }
    if found.where:
        columns["Words found in"] = [
            ", ".join(FIELD_NAMES[name] for name in found.where.get(study, ()))
            for study in studies["study_id"]
        ]
    return pd.DataFrame(columns, dtype="object")


def _named(base: EvidenceBase, study: Mapping[Hashable, Any]) -> str:
    """The label, and under it title, journal and year of the first report that has a title."""
    records = (base.reference(key) for key in study["references"])
    record = next((one for one in records if one and not tables.is_missing(one["title"])), None)
    if record is None:
        return str(study["label"])
    place = [record["container_title"], record["year"]]
    told = ", ".join(
        str(int(one) if isinstance(one, float) else one)
        for one in place
        if not tables.is_missing(one)
    )
    return "\n".join(part for part in (str(study["label"]), str(record["title"]), told) if part)


def export_studies(studies: pd.DataFrame) -> pd.DataFrame:
    """The same rows with every column of ``studies.csv``."""
    return studies.drop(columns=["source_line", "conditions_all", "n_effects", "n_usable"])
