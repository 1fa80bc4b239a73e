"""The words and tables of the Import page."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from ipt_evidence.citations.taxonomy import Taxonomy
from ipt_evidence.evidence.intake import Intake
from ipt_evidence.presentation import tables
from ipt_evidence.presentation.citation_text import author_line

__all__ = [
    "LEAD",
    "PRIVACY",
    "arrived",
    "faults_table",
    "files_table",
    "new_by_condition",
    "records_table",
]

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
            "Status": records["status"].map(STATUS_WORDS),
            "Reference": [_reference(record) for record in records.to_dict("records")],
            "Title": [tables.text(title) for title in records["title"]],
            "Conditions": [list(conditions) for conditions in records["conditions"]],
            "Words that matched": records["matched"],
            "Same as": records["same_as"],
            "Why": records["reason"],
            "Key": records["key"],
        }
    )


def _reference(record: dict) -> str:  # type: ignore[type-arg]
    year = "" if tables.is_missing(record["year"]) else f" {int(record['year'])}"
    return f"{author_line(record['authors']) or tables.NOT_REPORTED}{year}"


FILE_WORDS = {
    "file": "File",
    "format": "Format",
    "encoding": "Encoding",
    "records": "Read",
    "rejected": "Rejected",
    "repaired": "Repaired",
    "note": "Note",
}
FAULT_WORDS = {
    "source_file": "File",
    "source_line": "Line",
    "key": "Key",
    "text": "Text",
    "reason": "Why",
    "note": "What was mended",
}


def files_table(intake: Intake) -> pd.DataFrame:
    """One row a file: format and encoding as recognised, and what became of its records."""
    return intake.files.rename(columns=FILE_WORDS)


def faults_table(faults: pd.DataFrame) -> pd.DataFrame:
    """Rejected or repaired records with file, line and reason."""
    return faults.rename(columns=FAULT_WORDS)


def new_by_condition(intake: Intake, taxonomy: Taxonomy) -> pd.DataFrame:
    """How many new records each top-level condition would gain; a record may count in several."""
    new = intake.records.loc[intake.records["status"] == "new", "conditions"]
    counts = Counter(condition for conditions in new for condition in conditions)
    untagged = int((new.str.len() == 0).sum())
    rows = [(taxonomy.condition(c).label, counts[c]) for c in taxonomy.top_level]
    return pd.DataFrame([*rows, ("No condition found", untagged)], columns=["Condition", "New"])
