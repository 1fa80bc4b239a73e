"""A Metapsy database on disk: its rows and what its metadata say."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.archives import opened_folder
from ipt_evidence.exchange.metapsy.dialect import MAX_FILE_BYTES, Table, decode, read_rows

__all__ = ["Database", "open_database"]

DATA_FILE = "data.csv"


@dataclass(frozen=True, slots=True)
class Database:
    """The rows of a database, its short name, and what its metadata say (empty if nothing).

    ``references`` maps a study as the database names it to its printed reference.
    """

    shorthand: str
    table: Table
    references: dict[str, str]
    last_search: str
    n_studies: int | None
    licence: str


def open_database(place: Path) -> Database:
    """Read the database in a folder, a ZIP file of one, or a single ``.csv`` file.

    Raises
    ------
    DataError
        When ``data.csv`` is missing or cannot be read as a table of the standard.
    """
    if place.is_file() and place.suffix.lower() == ".csv":
        return _with_metadata(place, place.parent / "metadata", place.stem)
    with opened_folder(place, DATA_FILE) as folder:
        name = folder.name if place.is_dir() else place.stem
        return _with_metadata(folder / DATA_FILE, folder / "metadata", name)


def _with_metadata(data: Path, metadata: Path, name: str) -> Database:
    table = read_rows(data)
    shorthand = _text(metadata / "shorthand.txt").strip() or re.sub(r"^data-", "", name)
    studies = _text(metadata / "number_studies.txt").strip()
    return Database(
        shorthand=re.sub(r"[^a-z0-9-]+", "-", shorthand.lower()).strip("-") or "unnamed",
        table=table,
        references=_references(metadata / "references.json", table),
        last_search=_date(_text(metadata / "last_search.txt").strip()),
        n_studies=int(studies) if re.fullmatch(r"\d{1,6}", studies) else None,
        licence=_text(metadata.parent / "license").strip()[:500],
    )


def _text(path: Path) -> str:
    return decode(path)[0] if path.is_file() and path.stat().st_size <= MAX_FILE_BYTES else ""


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _references(path: Path, table: Table) -> dict[str, str]:
    """References by study: those in the rows, and those of ``references.json`` beside them.

    The file is an object by study, or a list with one entry a row.
    """
    found = {row.text("study"): row.text("full_ref") for row in table.rows if row.text("full_ref")}
    text = _text(path)
    if not text:
        return found
    try:
        document = json.loads(text)
    except ValueError as err:
        raise DataError(
            f"{path} is not JSON ({err}). Correct it, or remove it: references also stand in the "
            "column full_ref"
        ) from err
    if isinstance(document, dict):
        return {str(study): str(printed) for study, printed in document.items() if printed} | found
    if isinstance(document, list) and len(document) == len(table.rows):
        pairs = zip(table.rows, document, strict=True)
        return {row.text("study"): str(printed) for row, printed in pairs if printed} | found
    return found
