"""``validate`` and ``derive``: a sound evidence base, with derived columns up to date."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.derivation import DERIVED_COLUMNS, derive_effects
from ipt_evidence.evidence.package import DESCRIPTOR_FILE, descriptor_text, write_atomically
from ipt_evidence.evidence.problems import Problem
from ipt_evidence.evidence.reading import read_table
from ipt_evidence.evidence.schema import EFFECTS, MISSING

__all__ = ["rederive", "validate"]


def validate(folder: Path) -> list[Problem]:
    """Every problem of an evidence base; an empty list when it is sound.

    Our own rules first (cells, keys, signs, derived values, sources), then the data package by
    ``frictionless``.

    Raises
    ------
    DataError
        When the folder or one of its files cannot be read at all.
    """
    base = EvidenceBase.load(folder)
    problems = list(base.problems)
    problems += _audit_keys(base)
    problems += _descriptor_problems(base)
    if not problems:  # a file that we refuse is reported once, in our words
        problems += _frictionless_problems(folder)
    return problems


def _audit_keys(base: EvidenceBase) -> list[Problem]:
    known = set(base.references["key"])
    conditions = {condition.id for condition in base.taxonomy.conditions}
    problems = []
    for reference in base.audit.references:
        keys = [reference.key, *(better.key for better in reference.better_evidence if better.key)]
        problems += [
            Problem(
                file="claims.toml",
                key=f"reference {reference.number}",
                value=key,
                reason=f"{key!r} is not in references.bib",
                remedy="Add the record, or correct the key",
            )
            for key in keys
            if key not in known
        ]
    problems += [
        Problem(
            file="claims.toml",
            key=claim.id,
            value=claim.condition,
            reason=f"{claim.condition!r} is not a condition of taxonomy.toml",
            remedy="Use an id of taxonomy.toml",
        )
        for claim in base.audit.claims
        if claim.condition not in conditions
    ]
    return problems


def _descriptor_problems(base: EvidenceBase) -> list[Problem]:
    path = base.folder / DESCRIPTOR_FILE
    remedy = "Run: python -m ipt_evidence describe"
    if not path.exists():
        return [Problem(file=DESCRIPTOR_FILE, reason="the file is missing", remedy=remedy)]
    if path.read_text(encoding="utf-8") != descriptor_text(base.sources):
        return [
            Problem(file=DESCRIPTOR_FILE, reason="it does not describe the data", remedy=remedy)
        ]
    return []


def _frictionless_problems(folder: Path) -> list[Problem]:
    from frictionless import Package  # slow to import, and needed here alone

    report = Package(str(folder / DESCRIPTOR_FILE)).validate()
    return [_from_frictionless(task.place, error) for task in report.tasks for error in task.errors]


def _from_frictionless(place: str | None, error: Any) -> Problem:
    return Problem(
        file=Path(place or DESCRIPTOR_FILE).name,
        line=getattr(error, "row_number", None),
        column=getattr(error, "field_name", ""),
        value=str(getattr(error, "cell", "")),
        reason=str(error.message),
        remedy="Correct the cell so that it fits datapackage.json",
    )


def rederive(folder: Path) -> int:
    """Rewrite ``yi``, ``vi``, ``obtained`` and ``formula`` of ``effects.csv`` from its inputs.

    Returns the number of rows whose values changed. Other columns and the order of rows stay as
    they are; rows that cannot be read make it refuse, so that none is lost.

    Raises
    ------
    DataError
        When a row of the file cannot be read.
    """
    effects, problems = read_table(folder, EFFECTS)
    if problems:
        raise DataError(f"Nothing was written. First mend this: {problems[0]}")
    derived = derive_effects(effects)
    path = folder / EFFECTS.file
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if any(row)]
    header, body = rows[0], rows[1:]
    changed = 0
    for number, cells in enumerate(body):
        before = list(cells)
        for name in DERIVED_COLUMNS:
            cells[header.index(name)] = _cell(derived[name].iloc[number])
        changed += cells != before
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([header, *body])
    write_atomically(path, buffer.getvalue())
    return changed


def _cell(value: Any) -> str:
    if pd.isna(value):
        return MISSING
    return repr(float(value)) if isinstance(value, float) else str(value)
