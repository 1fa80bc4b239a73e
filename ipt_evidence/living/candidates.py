"""New records that wait for a decision: include, exclude or unsure, with a reason each.

The file is a table that a person may open in a spreadsheet. Nothing in it enters the base.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ipt_evidence.citations.normal_forms import normal_title
from ipt_evidence.citations.records import Record
from ipt_evidence.errors import DataError
from ipt_evidence.living.files import living_folder, read_rows, write_rows

__all__ = ["DECISIONS", "FILE", "Candidate", "candidate_id", "decide", "load", "save"]

FILE = "candidates.csv"
DECISIONS = ("include", "exclude", "unsure")
COLUMNS = (
    "candidate_id", "score", "title", "authors", "year", "journal", "doi", "pmid", "conditions",
    "designs", "points", "status", "same_as", "found_in", "first_seen", "decision", "reason",
    "decided_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record that a search found and the base does not hold.

    ``points`` explain the score; ``status`` is ``new`` or ``doubtful`` (perhaps ``same_as`` a
    record of the base); ``found_in`` names searches, lists are joined by semicolons. ``decision``
    is empty until somebody decided.
    """

    candidate_id: str
    score: int
    title: str
    authors: str = ""
    year: str = ""
    journal: str = ""
    doi: str = ""
    pmid: str = ""
    conditions: str = ""
    designs: str = ""
    points: str = ""
    status: str = "new"
    same_as: str = ""
    found_in: str = ""
    first_seen: str = ""
    decision: str = ""
    reason: str = ""
    decided_on: str = ""


def candidate_id(record: Record) -> str:
    """The same for the same publication: its DOI, else its PMID, else a digest of its title."""
    if record.doi:
        return f"doi:{record.doi}"
    if record.pmid:
        return f"pmid:{record.pmid}"
    digest = hashlib.sha256(normal_title(record.title).encode()).hexdigest()[:12]
    return f"title:{digest}"


def load(folder: Path) -> list[Candidate]:
    """Candidates of the base in ``folder``, the likeliest first.

    Raises
    ------
    DataError
        When the file cannot be read, or a score or decision in it is none.
    """
    path = living_folder(folder) / FILE
    found = []
    for row in read_rows(path, COLUMNS):
        if not row["score"].isdigit() or row["decision"] not in ("", *DECISIONS):
            raise DataError(
                f"{path}: {row['candidate_id']}: score {row['score']!r}, decision "
                f"{row['decision']!r}. Decide by {', '.join(DECISIONS)}, or leave it empty (NA)"
            )
        found.append(Candidate(**{**row, "score": int(row["score"])}))  # type: ignore[arg-type]
    return found


def save(folder: Path, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Write all candidates in one step, the likeliest first, and give them back so."""
    ordered = sorted(candidates, key=lambda one: (-one.score, one.title, one.candidate_id))
    rows = ({**asdict(one), "score": str(one.score)} for one in ordered)
    write_rows(living_folder(folder) / FILE, COLUMNS, rows)
    return ordered


def decide(folder: Path, name: str, decision: str, reason: str, today: str) -> Candidate:
    """Decide about one candidate; an empty decision takes it back.

    Raises
    ------
    DataError
        For an unknown candidate or decision, or one without a reason.
    """
    if decision not in ("", *DECISIONS):
        raise DataError(f"{decision!r} is no decision. Use one of {', '.join(DECISIONS)}")
    if decision and not reason.strip():
        raise DataError("A decision needs a reason: somebody will ask why")
    found = load(folder)
    for position, one in enumerate(found):
        if one.candidate_id == name:
            found[position] = replace(
                one,
                decision=decision,
                reason=reason.strip() if decision else "",
                decided_on=today if decision else "",
            )
            save(folder, found)
            return found[position]
    raise DataError(f"There is no candidate {name!r} in {living_folder(folder) / FILE}")
