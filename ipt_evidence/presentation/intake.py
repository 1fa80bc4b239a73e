"""The words and tables of the Import page."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from ipt_evidence.citations.taxonomy import Taxonomy
from ipt_evidence.evidence.intake import Intake
from ipt_evidence.presentation import tables
from ipt_evidence.presentation.citation_text import author_line

__all__ = ["LEAD", "PRIVACY", "arrived", "new_by_condition", "records_table"]

LEAD = (
    "Bring a bibliography from Zotero, EndNote, PubMed, Scopus or a printed reference list. It is "
    "read, tagged with conditions, and held against the evidence base: what is known already, what "
    "appears twice, what is new. Then take it out again in any format, with the tags as keywords."
)
PRIVACY = (
    "Your files stay in the memory of this session. They are not written to disk, not sent "
    "anywhere, and are gone when you close or reload the page. Nothing enters the evidence base."
)

STATUS_WORDS = {
    "new": "New",
    "in_base": "Already in the base",
    "repeated": "Twice in your files",
    "doubtful": "Perhaps the same: please compare",
}


def arrived(intake: Intake) -> str:
    """What was read, repaired and rejected, and what is new, in one or two sentences."""
    read, rejected = len(intake.records), len(intake.rejected)
    words = [
        f"**{_number(read, 'record')} read**",
        f"{tables.count(len(intake.repaired))} repaired",
        f"{tables.count(rejected)} rejected",
    ]
    if intake.refused:
        words.append(f"{_number(len(intake.refused), 'file')} could not be read at all")
    new = intake.count("new")
    known, repeated = intake.count("in_base"), intake.count("repeated")
    doubtful = intake.count("doubtful")
    compared = (
        f"{tables.count(new)} new, {tables.count(known)} already in the base, "
        f"{tables.count(repeated)} twice in your files, {tables.count(doubtful)} doubtful"
    )
    return f"{', '.join(words)}. Of those read: {compared}."


def _number(value: int, noun: str) -> str:
    return f"{tables.count(value)} {noun}{'' if value == 1 else 's'}"


def records_table(intake: Intake) -> pd.DataFrame:
    """One row a record: what it is, its tags (ids, to be corrected), its status and why."""
    records = intake.records
    return pd.DataFrame(
        {
            "Key": records["key"],
            "Reference": [_reference(record) for record in records.to_dict("records")],
            "Title": [tables.text(title) for title in records["title"]],
            "Conditions": [list(conditions) for conditions in records["conditions"]],
            "Words that matched": records["matched"],
            "Status": records["status"].map(STATUS_WORDS),
            "Same as": records["same_as"],
            "Why": records["reason"],
        }
    )


def _reference(record: dict) -> str:  # type: ignore[type-arg]
    year = "" if tables.is_missing(record["year"]) else f" {int(record['year'])}"
    return f"{author_line(record['authors']) or tables.NOT_REPORTED}{year}"


def new_by_condition(intake: Intake, taxonomy: Taxonomy) -> pd.DataFrame:
    """How many new records each top-level condition would gain; a record may count in several."""
    new = intake.records.loc[intake.records["status"] == "new", "conditions"]
    counts = Counter(condition for conditions in new for condition in conditions)
    untagged = int((new.str.len() == 0).sum())
    rows = [(taxonomy.condition(c).label, counts[c]) for c in taxonomy.top_level]
    return pd.DataFrame([*rows, ("No condition found", untagged)], columns=["Condition", "New"])
