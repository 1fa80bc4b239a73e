"""Answers kept on disk, so that a run that was stopped, or killed, goes on where it was.

One SQLite file; each batch of answers is one transaction. Only answers are kept ("found" and
"unknown to the service"): a failure is asked again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from ipt_evidence.errors import ServiceError
from ipt_evidence.services.works import Work

__all__ = ["AnswerStore"]

VERSION = 1
_TABLE = """
create table if not exists answers (
    service text not null, name text not null, asked_on text not null, work text,
    primary key (service, name)
) without rowid
"""
_MANY = 500  # SQLite's smallest limit of variables in one statement is 999


class AnswerStore:
    """What each service said about each identifier, and when. Close it, or use it with ``with``.

    Raises
    ------
    ServiceError
        When the file cannot be opened or is no store of answers.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=30.0)
            self._start()
        except (OSError, sqlite3.Error) as error:
            raise ServiceError(
                f"{path} cannot be used as a store of answers ({error}). Delete it, or name "
                "another folder in IPT_EVIDENCE_CACHE"
            ) from error

    def __enter__(self) -> AnswerStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was put is on disk already."""
        self._file.close()

    def get(
        self, service: str, names: Sequence[str], *, today: date, days: float
    ) -> dict[str, Work | None]:
        """Answers that are not older than ``days``; None where the service did not know it."""
        oldest = (today - timedelta(days=days)).isoformat()
        found: dict[str, Work | None] = {}
        for start in range(0, len(names), _MANY):
            part = names[start : start + _MANY]
            marks = ",".join("?" * len(part))
            rows = self._file.execute(
                f"select name, work from answers where service = ? and asked_on >= ? "  # noqa: S608  marks only
                f"and name in ({marks})",
                [service, oldest, *part],
            )
            for name, work in rows:
                found[name] = Work.from_dict(json.loads(work)) if work else None
        return found

    def put(self, service: str, answers: Mapping[str, Work | None], *, today: date) -> None:
        """Keep answers, all or none of them."""
        rows: Iterable[tuple[str, str, str, str | None]] = (
            (
                service,
                name,
                today.isoformat(),
                json.dumps(work.to_dict(), ensure_ascii=False) if work else None,
            )
            for name, work in answers.items()
        )
        with self._file:
            self._file.executemany("insert or replace into answers values (?, ?, ?, ?)", rows)

    def _start(self) -> None:
        """Make the table; a file of another version is started anew: it holds copies alone."""
        self._file.execute("pragma journal_mode = wal")
        self._file.execute(
            "pragma synchronous = normal"
        )  # survives a kill; a power cut is asked again
        with self._file:
            version = self._file.execute("pragma user_version").fetchone()[0]
            if version not in (0, VERSION):
                self._file.execute("drop table if exists answers")
            self._file.execute(_TABLE)
            self._file.execute(f"pragma user_version = {VERSION}")
