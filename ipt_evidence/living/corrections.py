"""Differences between our records and the services': filled fields, and corrections to decide.

Curated values are never overwritten. A filled field is used where ours is missing, with its
source; a correction is used only when somebody accepted it, and the decision is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.citations.people import people_of
from ipt_evidence.errors import DataError
from ipt_evidence.living.files import living_folder, read_rows, write_rows

__all__ = ["ARTICLE", "DECISIONS", "FILE", "Correction", "applied", "decide", "load", "save"]

FILE = "corrections.csv"
ARTICLE = "article:"
"""Keys of the article's printed references: ``article:3``; others are keys of references.bib."""
DECISIONS = ("open", "accepted", "declined")
COLUMNS = (
    "correction_id", "key", "field", "kind", "ours", "theirs", "source", "also", "date",
    "decision",
)  # fmt: skip
_LISTS = frozenset({"registry_ids"})


@dataclass(frozen=True, slots=True)
class Correction:
    """One field of one record: what we have, what a service has, and what was decided.

    ``kind`` is ``missing`` (we have nothing) or ``different``. ``source`` is the service that said
    it on ``date``; ``also`` further services, joined by semicolons.
    """

    key: str
    field: str
    kind: str
    ours: str
    theirs: str
    source: str
    date: str
    also: str = ""
    decision: str = "open"

    @property
    def correction_id(self) -> str:
        """Eight hex digits, the same as long as key, field and both values are."""
        text = "\x1f".join((self.key, self.field, self.ours, self.theirs))
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    @property
    def number(self) -> int | None:
        """The article's number of a printed reference; None for a record of the base."""
        digits = self.key.removeprefix(ARTICLE)
        return int(digits) if self.key.startswith(ARTICLE) and digits.isdigit() else None


def load(folder: Path) -> list[Correction]:
    """All differences of the base in ``folder``, as its last run found them."""
    rows = read_rows(living_folder(folder) / FILE, COLUMNS)
    return [Correction(**{n: v for n, v in row.items() if n != "correction_id"}) for row in rows]


def save(folder: Path, found: Iterable[Correction], asked: set[str]) -> list[Correction]:
    """Keep ``found`` as the differences of the records ``asked``; others and decisions stay."""
    old = load(folder)
    decided = {one.correction_id: one.decision for one in old}
    kept = [one for one in old if one.key not in asked]
    new = [replace(one, decision=decided.get(one.correction_id, one.decision)) for one in found]
    both = sorted([*kept, *new], key=lambda one: (one.key, one.field))
    _write(folder, both)
    return both


def decide(folder: Path, correction_id: str, decision: str) -> Correction:
    """Accept, decline or reopen one difference.

    Raises
    ------
    DataError
        When there is none of that name, or the decision is unknown.
    """
    if decision not in DECISIONS:
        raise DataError(f"{decision!r} is no decision. Use one of {', '.join(DECISIONS)}")
    found = load(folder)
    for position, one in enumerate(found):
        if one.correction_id == correction_id:
            found[position] = replace(one, decision=decision)
            _write(folder, found)
            return found[position]
    raise DataError(f"There is no correction {correction_id!r} in {living_folder(folder) / FILE}")


def applied(references: pd.DataFrame, corrections: Iterable[Correction]) -> pd.DataFrame:
    """``references`` with missing fields filled and accepted corrections made.

    A column ``completed`` names for each record the fields that were filled or corrected, with
    source and date. Declined and open corrections change nothing.
    """
    rows = {str(row["key"]): dict(row) for row in references.to_dict("records")}
    notes: dict[str, list[str]] = {}
    for one in corrections:
        row = rows.get(one.key)
        fills = one.kind == "missing" and one.decision != "declined"
        if row is None or not (fills or one.decision == "accepted"):
            continue
        row[one.field] = _value(one.field, one.theirs)
        if one.field == "authors":
            row["et_al"] = False
        notes.setdefault(one.key, []).append(f"{one.field}: {one.source}, {one.date}")
    frame = pd.DataFrame(list(rows.values()), columns=references.columns)
    frame = frame.astype(references.dtypes.to_dict())
    return frame.assign(completed=["; ".join(notes.get(key, ())) for key in rows])


def _value(field: str, text: str) -> Any:
    if field == "authors":
        return people_of(text.split("; "))[0]
    if field == "year":
        return int(text)
    return text.split("; ") if field in _LISTS else text


def _write(folder: Path, found: Iterable[Correction]) -> None:
    rows = ({**asdict(one), "correction_id": one.correction_id} for one in found)
    write_rows(living_folder(folder) / FILE, COLUMNS, rows)
