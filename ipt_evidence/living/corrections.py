"""Differences between our records and the services': filled fields, and corrections to decide.

Curated values are never overwritten. A filled field is used where ours is missing, with its
source; a correction is used only when somebody accepted it, and the decision is kept. The
article's printed references are compared too: that finds its citation errors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.citations.loading import load_citations
from ipt_evidence.citations.people import people_of
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.files import writing
from ipt_evidence.living.runs import living_folder, read_rows, write_rows
from ipt_evidence.services.completion import DIFFERENT, MISSING, Difference, compare
from ipt_evidence.services.settings import service_label
from ipt_evidence.services.works import Work

__all__ = [
    "ARTICLE",
    "DECISIONS",
    "FILE",
    "Correction",
    "applied",
    "decide",
    "load",
    "printed_differences",
    "printed_references",
    "save",
    "sentences_of",
]

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

    @classmethod
    def of(cls, difference: Difference) -> Correction:
        """The correction that would settle ``difference``, not decided yet."""
        facts = asdict(difference)
        return cls(**{**facts, "also": ";".join(difference.also)})

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
    with writing(folder):
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
    with writing(folder):
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


_PRINTED_FIELDS = (
    "title",
    "authors",
    "year",
    "container_title",
    "type",
    "volume",
    "issue",
    "pages",
)
_TITLES = ("title", "authors", "et_al", "year")


def printed_references(base: EvidenceBase) -> pd.DataFrame:
    """The ten references as printed, keyed ``article:1`` to ``article:10``.

    DOI and PubMed identifier come from the verified record, so that the right paper is asked for.
    """
    path = base.folder / "article_references.txt"
    printed = load_citations([path]).citations if path.exists() else base.references.iloc[:0]
    rows = printed.to_dict("records")
    found = []
    for row, audited in zip(rows, base.audit.references, strict=False):
        record: dict[str, Any] = base.reference(audited.key) or {}
        ids = {name: record.get(name) for name in ("doi", "pmid", "pmcid")}
        found.append(
            {
                **{str(name): value for name, value in row.items()},
                **ids,
                "key": f"{ARTICLE}{audited.number}",
            }
        )
    return pd.DataFrame(found, columns=printed.columns).astype(printed.dtypes.to_dict())


def printed_differences(
    printed: pd.DataFrame, works: dict[str, list[Work]], today: str
) -> list[Correction]:
    """In what each printed reference lacks or contradicts what the services hold.

    "Et al." is a style and no error, nor is a missing DOI; a first author who is another is one.
    """
    found = []
    for row in printed.to_dict("records"):
        ours = {str(name): value for name, value in row.items()}
        for one in compare(ours, works.get(str(row["key"]), []), today, fields=_PRINTED_FIELDS):
            if one.kind == MISSING and one.field in ("authors", "type"):
                continue
            found.append(Correction.of(one))
    return found


_NAMES = {
    "container_title": "journal or book",
    "type": "kind of publication",
    "authors": "first author",
}
_TYPES = {
    "article": "a journal article",
    "incollection": "a chapter of a book",
    "book": "a book",
    "unpublished": "a preprint",
    "phdthesis": "a thesis",
    "techreport": "a report",
}


def sentences_of(corrections: Iterable[Correction]) -> list[str]:
    """``The article gives pages 1-7; Crossref has 323.`` for each difference."""
    found = []
    for one in corrections:
        name = _NAMES.get(one.field, one.field)
        ours, theirs = (_TYPES.get(text, text) for text in (one.ours, one.theirs))
        source = service_label(one.source)
        if one.kind == DIFFERENT:
            found.append(f"The article gives {name} {ours}; {source} has {theirs}.")
        else:
            found.append(f"The article gives no {name}; {source} has {theirs}.")
    return found
