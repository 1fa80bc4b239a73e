"""The words and tables of the Import page."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from ipt_evidence.citations.screening import DECISIONS, Screened, screening_of
from ipt_evidence.citations.taxonomy import Taxonomy
from ipt_evidence.evidence.intake import Intake
from ipt_evidence.wording import tables
from ipt_evidence.wording.citation_text import authors_and_year
from ipt_evidence.wording.phrases import numbered

__all__ = [
    "FORMATS",
    "LEAD",
    "PRIVACY",
    "UNDERSTOOD",
    "arrived",
    "doubts",
    "faults_table",
    "fields_table",
    "figures",
    "files_table",
    "merged_table",
    "new_by_condition",
    "records_table",
    "screened",
]

LEAD = (
    "Bring a bibliography from Zotero, EndNote, PubMed, Scopus or a printed reference list. It is "
    "read, tagged with conditions, and compared with the evidence base: what is known already, "
    "what appears twice, what is new. Then download it in any format, with the tags as keywords."
)
PRIVACY = (
    "Your files stay in the memory of this session. They are not written to disk, not sent "
    "anywhere, and are gone when you close or reload the page. Nothing enters the evidence base."
)

FORMATS = (
    "BibTeX, RIS, PubMed (nbib, XML, text), EndNote (XML, enw), Web of Science, the tagged texts "
    "of Ovid, RefWorks, Embase, Cochrane, ProQuest, EBSCO and CNKI, CSV and Excel of databases and "
    "screening programs (Rayyan and Covidence with their decisions, EPPI-Reviewer with its codes), "
    "JSON (CSL, Crossref, OpenAlex, Zotero), printed reference "
    "lists, and ZIP archives of these"
)

STATUS_WORDS = {
    "new": "New",
    "in_base": "Already in the base",
    "repeated": "Twice in your files",
    "doubtful": "Perhaps the same: please compare",
}


def arrived(intake: Intake) -> str:
    """What was read, repaired and rejected, and what is new, in one or two sentences."""
    read, rejected = len(intake.records), _rejected(intake)
    words = [
        f"**{numbered(read, 'record')} read**",
        f"{tables.count(len(intake.repaired))} repaired",
        f"{tables.count(rejected)} rejected",
    ]
    if intake.refused:
        words.append(f"{numbered(len(intake.refused), 'file')} could not be read at all")
    new = intake.count("new")
    known, repeated = intake.count("in_base"), intake.count("repeated")
    doubtful = intake.count("doubtful")
    compared = (
        f"{tables.count(new)} new, {tables.count(known)} already in the base, "
        f"{tables.count(repeated)} twice in your files, {tables.count(doubtful)} doubtful"
    )
    return f"{', '.join(words)}. Of those read: {compared}."


def _rejected(intake: Intake) -> int:
    """Counted file by file: of very many only the first are listed."""
    return int(intake.files["rejected"].sum()) if len(intake.files) else 0


def too_much(size: int, most: int) -> str:
    """What a reader is told whose files are larger together than is read; both in bytes."""
    return (
        f"These files are {size / 1e6:,.0f} MB together, more than the {most / 1e6:,.0f} MB that "
        "are read here at once. Take some out, or use the command `load`, which reads more."
    )


def figures(intake: Intake) -> list[tuple[str, str, str]]:
    """The counts that stand out: label, count, and what it means."""
    counts = (
        ("Read", len(intake.records), "Records that arrived, repaired ones included"),
        ("New", intake.count("new"), "In neither the evidence base nor earlier in your files"),
        ("In the base", intake.count("in_base"), "The evidence base holds them already"),
        ("Twice", intake.count("repeated"), "Your files hold them more than once"),
        ("To compare", intake.count("doubtful"), "Perhaps the same as another: you decide"),
        ("Repaired", len(intake.repaired), "Had a fault that could be repaired; listed below"),
        ("Rejected", _rejected(intake), "Could not be read; listed below with line and reason"),
    )
    return [(label, tables.count(count), meaning) for label, count, meaning in counts]


def doubts(intake: Intake, references: pd.DataFrame) -> list[dict[str, str]]:
    """Pairs that a person should judge: key, both records in words, place, score and reason."""
    doubtful = intake.records.loc[intake.records["status"] == "doubtful"]
    return [_pair(record, intake, references) for record in doubtful.to_dict("records")]


def merged_table(intake: Intake, references: pd.DataFrame) -> pd.DataFrame:
    """Records that are taken for the same as another, one a row; ``Same`` can be unticked."""
    merged = intake.records.loc[intake.records["status"].isin(["in_base", "repeated"])]
    pairs = [_pair(record, intake, references) for record in merged.to_dict("records")]
    return pd.DataFrame(
        {
            "Same": [True] * len(pairs),
            "Score": [pair["score"] for pair in pairs],
            "Your record": [pair["yours"] for pair in pairs],
            "Same as": [pair["other"] for pair in pairs],
            "Which is": [pair["where"] for pair in pairs],
            "Why": [pair["reason"] for pair in pairs],
            "Key": [pair["key"] for pair in pairs],
        }
    )


def _pair(record: dict, intake: Intake, references: pd.DataFrame) -> dict[str, str]:  # type: ignore[type-arg]
    in_base = record["same_in"] == "base"
    others = references if in_base else intake.records
    other = others.loc[others["key"] == record["same_as"]].to_dict("records")
    return {
        "key": str(record["key"]),
        "yours": _in_words(record),
        "other": _in_words({str(name): value for name, value in other[0].items()}) if other else "",
        "where": "in the evidence base" if in_base else "in your files",
        "score": f"{record['score']:.2f}",
        "reason": str(record["reason"]),
    }


def _in_words(record: dict) -> str:  # type: ignore[type-arg]
    """Authors, year, title, journal, volume, pages and DOI, as far as they are known."""
    place = [record.get(name) for name in ("container_title", "volume", "pages", "doi")]
    known = [str(part) for part in place if not tables.is_missing(part)]
    return f"{authors_and_year(record)}. {tables.text(record['title'])}. {', '.join(known)}".rstrip(
        ". "
    )


def screened(intake: Intake) -> str:
    """What reviewers decided in a screening program, in a sentence or two; empty without any."""
    found = [one for one in _screenings(intake) if one and one.decision]
    if not found:
        return ""
    counts = Counter(one.decision for one in found)
    decisions = [f"{tables.count(counts[name])} {name}" for name in DECISIONS if counts[name]]
    if counts["conflict"]:
        decisions.append(f"{tables.count(counts['conflict'])} on which reviewers disagree")
    reasons = Counter(reason for one in found for reason in one.reasons)
    named = [f"{reason} ({tables.count(n)})" for reason, n in reasons.most_common(_MOST_REASONS)]
    why = f" Reasons of exclusion: {', '.join(named)}." if named else ""
    return (
        f"Decisions of reviewers came with {numbered(len(found), 'record')}: "
        f"{', '.join(decisions)}.{why} They go out with the records, as Rayyan writes them."
    )


_MOST_REASONS = 5


def _screenings(intake: Intake) -> list[Screened | None]:
    records = intake.records
    return [
        screening_of(raw, str(file))
        for raw, file in zip(records["raw"], records["source_file"], strict=True)
    ]


def records_table(intake: Intake) -> pd.DataFrame:
    """One row a record: what it is, its tags (ids, to be corrected), its status and why.

    With decisions of a screening program also what was decided, and the reasons.
    """
    records = intake.records
    found = _screenings(intake)
    decided = {
        "Decision": [one.decision if one else "" for one in found],
        "Reason": [", ".join(one.reasons) if one else "" for one in found],
    }
    return pd.DataFrame(
        {
            "Status": records["status"].map(STATUS_WORDS),
            "Reference": [authors_and_year(record) for record in tables.records(records)],
            "Title": [tables.text(title) for title in records["title"]],
            "Conditions": [list(conditions) for conditions in records["conditions"]],
            "Words that matched": records["matched"],
            **(decided if any(decided["Decision"]) else {}),
            "Same as": records["same_as"],
            "Why": records["reason"],
            "Key": records["key"],
        }
    )


FILE_WORDS = {
    "file": "File",
    "format": "Format",
    "encoding": "Encoding",
    "records": "Read",
    "rejected": "Rejected",
    "repaired": "Repaired",
    "note": "Note",
}
FIELDS = {
    "title": "Title",
    "authors": "Authors",
    "year": "Year",
    "container_title": "Journal",
    "volume": "Volume",
    "pages": "Pages",
    "doi": "DOI",
    "pmid": "PubMed",
    "registry_ids": "Registration",
    "abstract": "Abstract",
}
UNDERSTOOD = (
    "How many records of each file have each field. A field that none has is either not in the "
    "export, or called by a name that is not known here; the note of the file says which columns "
    "were not understood. Nothing is lost: every field is kept as it stands in the file."
)
FAULT_WORDS = {
    "source_file": "File",
    "source_line": "Line",
    "key": "Key",
    "text": "Text",
    "reason": "Why",
    "note": "What was repaired",
}


def files_table(intake: Intake) -> pd.DataFrame:
    """One row a file: format and encoding as recognised, and what became of its records."""
    files = intake.files
    if not files["note"].astype(bool).any():
        files = files.drop(columns="note")
    else:
        files = files.assign(note=files["note"].replace("", "nothing"))
    return files.rename(columns=FILE_WORDS)


def fields_table(intake: Intake) -> pd.DataFrame:
    """One row a file: its records, and how many of them have each field."""
    rows = []
    for name, records in intake.records.groupby("source_file", sort=False):
        counts = {label: _filled(records[column]) for column, label in FIELDS.items()}
        rows.append({FILE_WORDS["file"]: name, "Records": len(records)} | counts)
    return pd.DataFrame(rows)


def _filled(values: pd.Series[Any]) -> int:
    """How many values there are: a list that is empty is none."""
    return sum(bool(value) if isinstance(value, list) else not pd.isna(value) for value in values)


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
