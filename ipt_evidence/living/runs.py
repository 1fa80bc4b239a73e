"""The folder ``living/``: documented searches, tables, and the log of what was asked when."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.files import read_text, write_atomically, writing
from ipt_evidence.evidence.schema import MISSING
from ipt_evidence.evidence.sources import build, entries, read_toml
from ipt_evidence.services.settings import SERVICES, Health
from ipt_evidence.wording.plain import FORMULA_STARTS, csv_safe

__all__ = [
    "Query",
    "append_line",
    "as_of",
    "last_search",
    "living_folder",
    "load_queries",
    "log_run",
    "one_run",
    "read_lines",
    "read_rows",
    "runs",
    "write_rows",
]


def living_folder(folder: Path) -> Path:
    """Where runs keep what they found; it need not exist."""
    return folder / "living"


@contextmanager
def one_run(folder: Path) -> Iterator[None]:
    """Keep other runs on the base in ``folder`` out; decisions of readers go on meanwhile.

    Raises DataError when another run does not end soon, or the folder cannot be written.
    """
    place = living_folder(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise DataError(f"{place} cannot be written: {err.strerror}") from err
    with writing(place):
        yield


def read_rows(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a CSV as texts, missing as empty; none when there is no file.

    Raises
    ------
    DataError
        When the file cannot be read or lacks a column.
    """
    if not path.exists():
        return []
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""))
    lacking = [name for name in columns if name not in (reader.fieldnames or ())]
    if lacking:
        raise DataError(f"{path} has no column {', '.join(lacking)}. Restore it, or remove it")
    return [{name: _plain(row.get(name) or "") for name in columns} for row in reader]


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Replace a CSV in one step; empty is written as ``NA``, and no cell is a formula."""
    cells = [[str(row.get(name) or "") or None for name in columns] for row in rows]
    write_atomically(path, csv_safe(pd.DataFrame(cells, columns=list(columns))))


def append_line(path: Path, document: Mapping[str, Any]) -> None:
    """Add one line of JSON, and have it on disk before returning."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torn = path.exists() and not _ends_whole(path)
        with path.open("a", encoding="utf-8") as file:
            file.write(("\n" if torn else "") + json.dumps(document, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as err:
        raise DataError(f"{path} cannot be written: {err.strerror}") from err


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Whole lines of a log; one that was torn by a kill or a full disk is passed over."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    except OSError as err:
        raise DataError(f"{path} cannot be read: {err.strerror}") from err
    found = []
    for line in text.split("\n"):
        try:
            document = json.loads(line)
        except ValueError:
            continue
        if isinstance(document, dict):
            found.append(document)
    return found


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _plain(text: str) -> str:
    if text == MISSING:
        return ""
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA_STARTS) else text


@dataclass(frozen=True, slots=True)
class Query:
    """One search string as it is sent. ``since`` is an ISO date; ``most`` 0 means all records."""

    id: str
    service: str
    query: str
    since: str
    most: int = 0
    note: str = ""


def load_queries(folder: Path) -> tuple[Query, ...]:
    """The ``[[queries]]`` of ``sources.toml``.

    Raises
    ------
    DataError
        When an entry lacks a field, names an unknown service, or its date is none.
    """
    path = folder / "sources.toml"
    found = []
    for number, entry in enumerate(entries(read_toml(path), "queries", path), start=1):
        place = f"{path}: query {entry.get('id', number)}"
        query = build(Query, entry, place)
        if query.service not in SERVICES:
            raise DataError(f"{place}: no service {query.service!r}. Use {', '.join(SERVICES)}")
        try:
            date.fromisoformat(query.since)
        except ValueError:
            raise DataError(f"{place}: since is {query.since!r}. Write a date") from None
        found.append(query)
    return tuple(found)


LOG = "runs.jsonl"


@dataclass(frozen=True, slots=True)
class AsOf:
    """When a service last answered, and how its last run went; both empty when it never did."""

    service: str
    date: str = ""
    asked: int = 0
    answered: int = 0
    empty: int = 0
    failed: int = 0
    reasons: str = ""


def log_run(folder: Path, kind: str, date: str, health: Mapping[str, Health], **facts: Any) -> None:
    """Add a run (``enrich`` or ``update``) to the log of the base in ``folder``."""
    services = [one.to_dict() for one in health.values() if one.asked]
    document = {"kind": kind, "date": date, "services": services, **facts}
    append_line(living_folder(folder) / LOG, document)


def runs(folder: Path) -> list[dict[str, Any]]:
    """All logged runs, oldest first."""
    return read_lines(living_folder(folder) / LOG)


def as_of(folder: Path, services: tuple[str, ...]) -> list[AsOf]:
    """For each service the last day on which it answered, with that run's counts."""
    found = {name: AsOf(name) for name in services}
    for run in runs(folder):
        for entry in run.get("services", ()):
            name = entry.get("service")
            if name not in found:
                continue
            answered = bool(entry.get("answered") or entry.get("empty"))
            reasons = ", ".join(f"{why}: {n}" for why, n in (entry.get("reasons") or {}).items())
            found[name] = AsOf(
                service=name,
                date=str(run.get("date", "")) if answered else found[name].date,
                asked=int(entry.get("asked", 0)),
                answered=int(entry.get("answered", 0)),
                empty=int(entry.get("empty", 0)),
                failed=int(entry.get("failed", 0)),
                reasons=reasons,
            )
    return list(found.values())


def last_search(folder: Path, query: str) -> str:
    """Day (ISO) on which the search ``query`` was last finished; empty when it never was."""
    days = [
        str(run.get("date", ""))
        for run in runs(folder)
        if run.get("kind") == "update" and query in (run.get("finished") or ())
    ]
    return max(days, default="")
