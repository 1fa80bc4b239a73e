"""``validate`` and ``derive``: a sound evidence base, with derived columns up to date."""

from __future__ import annotations

import csv
import importlib.util
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.derivation import derive_effects, reference_sds
from ipt_evidence.evidence.package import DESCRIPTOR_FILE, descriptor_text, write_atomically
from ipt_evidence.evidence.problems import Problem
from ipt_evidence.evidence.reading import LINE, read_table
from ipt_evidence.evidence.schema import EFFECTS, INSTRUMENTS, MISSING, Table
from ipt_evidence.evidence.version_names import newest

__all__ = ["has_frictionless", "rederive", "validate"]


def has_frictionless() -> bool:
    """True when the optional package is installed that reads ``datapackage.json`` as others do."""
    return importlib.util.find_spec("frictionless") is not None


def validate(folder: Path) -> list[Problem]:
    """Every problem of an evidence base; an empty list when it is sound.

    Our own rules first (cells, keys, signs, derived values, sources), then the data package by
    ``frictionless`` where it is installed (``pip install 'ipt-evidence[validate]'``).

    Raises
    ------
    DataError
        When the folder or one of its files cannot be read at all.
    """
    base = EvidenceBase.load(folder)
    problems = list(base.problems)
    problems += _audit_keys(base)
    if not base.problems:  # rows that are set aside change what the effects give
        problems += _stale_reference_sds(base)
    problems += _descriptor_problems(base)
    if not problems and has_frictionless():  # a file that we refuse is reported once, in our words
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
            file="sources.toml",
            key=f"search {number}",
            value=name,
            reason=f"{name!r} is not in taxonomy.toml",
            remedy="Use an id of taxonomy.toml",
        )
        for number, search in enumerate(base.searches, start=1)
        for name in (*search.conditions, *search.comparisons)
        if name not in conditions | {comparison.id for comparison in base.taxonomy.comparisons}
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


def _stale_reference_sds(base: EvidenceBase) -> list[Problem]:
    expected = reference_sds(base.effects, base.instruments)["reference_sd"]
    stored = base.instruments["reference_sd"]
    stale = ~np.isclose(stored, expected, equal_nan=True)
    return [
        Problem(
            file=INSTRUMENTS.file,
            line=int(row[LINE]),
            column="reference_sd",
            key=str(row["instrument_id"]),
            value=str(row["reference_sd"]),
            reason=f"the effects give {given:.4g}",
            remedy="Run: python -m ipt_evidence derive",
        )
        for given, (_, row) in zip(
            expected[stale], base.instruments.loc[stale].iterrows(), strict=True
        )
    ]


def _descriptor_problems(base: EvidenceBase) -> list[Problem]:
    path = base.folder / DESCRIPTOR_FILE
    remedy = "Run: python -m ipt_evidence describe"
    if not path.exists():
        return [Problem(file=DESCRIPTOR_FILE, reason="the file is missing", remedy=remedy)]
    if path.read_bytes() != descriptor_text(base.sources, newest(base.folder)).encode():
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
    """Rewrite the derived columns from the inputs beside them.

    ``yi``, ``vi``, ``obtained`` and ``formula`` of ``effects.csv``; ``reference_sd`` and its basis
    in ``instruments.csv``. Other columns and the order of rows stay as they are. Returns the
    number of rows that changed.

    Raises
    ------
    DataError
        When a row cannot be read: nothing is written, so that none is lost.
    """
    effects, instruments = _readable(folder, EFFECTS), _readable(folder, INSTRUMENTS)
    changed = _rewrite(folder / EFFECTS.file, derive_effects(effects))
    return changed + _rewrite(folder / INSTRUMENTS.file, reference_sds(effects, instruments))


def _readable(folder: Path, table: Table) -> pd.DataFrame:
    frame, problems = read_table(folder, table)
    if problems:
        raise DataError(f"Nothing was written. First mend this: {problems[0]}")
    return frame


def _rewrite(path: Path, derived: pd.DataFrame) -> int:
    """Put the columns of ``derived`` into the CSV at ``path``; the number of rows that changed."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *body = [row for row in csv.reader(file) if any(row)]
    changed = 0
    for number, cells in enumerate(body):
        before = list(cells)
        for name in derived.columns:
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
