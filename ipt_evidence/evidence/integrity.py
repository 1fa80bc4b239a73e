"""What checks found about the references of the base, and the warnings that follow for studies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ipt_evidence.evidence.package import write_atomically
from ipt_evidence.evidence.schema import INTEGRITY
from ipt_evidence.evidence.writing import plain_cells

if TYPE_CHECKING:  # it opens connections: a base that is only read does without
    from ipt_evidence.services.integrity import Integrity

__all__ = [
    "INTEGRITY_FLAGS",
    "NOT_CHECKED",
    "integrity_rows",
    "merged",
    "status_of",
    "with_integrity_flags",
    "write_integrity",
]

NOT_CHECKED = "not_checked"
INTEGRITY_FLAGS = ("retracted", "expression_of_concern", "corrected")
"""Statuses that become a warning of every study which the reference reports, gravest first.

As a warning they can be left out of an estimate like any other (`Question.without_flags`)."""


def integrity_rows(checks: Iterable[Integrity]) -> pd.DataFrame:
    """Rows of ``integrity.csv`` for checks, sorted by reference."""
    rows = [
        {
            "reference": check.key,
            "status": check.status,
            "checked": check.checked or None,
            "asked_of": check.asked_of,
            "no_answer": check.no_answer,
            "notices": tuple(
                f"{notice.kind}:{notice.doi or notice.pmid or notice.said_by}"
                for notice in check.notices
            ),
            "notice_date": max((notice.date for notice in check.notices), default="") or None,
            "preprint": check.preprint or None,
            "published_as": check.published_as or None,
            "registry_ids": check.registry_ids,
        }
        for check in sorted(checks, key=lambda check: check.key)
    ]
    return pd.DataFrame(rows, columns=list(INTEGRITY.column_names), dtype="object")


def write_integrity(folder: Path, rows: pd.DataFrame) -> Path:
    """Write ``integrity.csv`` in one step; its path."""
    path = folder / INTEGRITY.file
    write_atomically(path, plain_cells(INTEGRITY, rows).to_csv(index=False, lineterminator="\n"))
    return path


def merged(old: pd.DataFrame, new: pd.DataFrame, keys: Iterable[str]) -> pd.DataFrame:
    """One row for each of ``keys``: the new check, unless it got no answer and an old one had."""
    before = {row["reference"]: row for row in old.to_dict("records")}
    now = {row["reference"]: row for row in new.to_dict("records")}
    rows: list[Mapping[Any, Any]] = []
    for key in sorted(keys):
        fresh, known = now.get(key), before.get(key)
        if fresh is None or (fresh["status"] == NOT_CHECKED and known is not None):
            fresh = known
        rows.append(fresh or {"reference": key, "status": NOT_CHECKED})
    frame = pd.DataFrame(rows, columns=list(INTEGRITY.column_names), dtype="object")
    for name in ("asked_of", "no_answer", "notices", "registry_ids"):
        frame[name] = [value if isinstance(value, tuple) else () for value in frame[name]]
    return frame


def with_integrity_flags(studies: pd.DataFrame, integrity: pd.DataFrame) -> pd.DataFrame:
    """``studies`` whose flags say, too, what was published against one of their reports."""
    statuses = dict(zip(integrity["reference"], integrity["status"], strict=True))
    flags = []
    for own, references in zip(studies["flags"], studies["references"], strict=True):
        found = {statuses.get(key) for key in references}
        flags.append((*own, *(name for name in INTEGRITY_FLAGS if name in found)))
    return studies.assign(flags=pd.Series(flags, index=studies.index, dtype="object"))


def status_of(integrity: pd.DataFrame, key: str) -> Mapping[str, Any]:
    """The row of one reference; one that nobody checked has the status ``not_checked``."""
    rows = integrity.loc[integrity["reference"] == key]
    if rows.empty:
        return {"reference": key, "status": NOT_CHECKED, "checked": None}
    return {str(name): value for name, value in rows.iloc[0].items()}
