"""``validate`` and ``derive``: a sound evidence base, with derived columns up to date."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.context import context_problems
from ipt_evidence.evidence.csv_tables import LINE, Problem, read_table, write_columns
from ipt_evidence.evidence.derivation import derive_effects, reference_sds
from ipt_evidence.evidence.package import DESCRIPTOR_FILE, descriptor_text
from ipt_evidence.evidence.schema import EFFECTS, INSTRUMENTS, Table

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
    problems = [*base.problems, *context_problems(base)]
    problems += _audit_keys(base)
    if not base.problems:  # rows that are set aside change what the effects give
        problems += _stale_reference_sds(base)
    problems += _descriptor_problems(base)
    if not problems and has_frictionless():  # a file that we refuse is reported once, in our words
        problems += _frictionless_problems(folder)
    return problems


def _audit_keys(base: EvidenceBase) -> list[Problem]:
    """Names in claims.toml and sources.toml that references.bib or taxonomy.toml do not hold."""
    records = set(base.references["key"])
    conditions = {condition.id for condition in base.taxonomy.conditions}
    asked_for = conditions | {comparison.id for comparison in base.taxonomy.comparisons}
    references = [
        (f"reference {reference.number}", key)
        for reference in base.audit.references
        for key in (
            reference.key,
            *(better.key for better in reference.better_evidence if better.key),
        )
    ]
    searches = [
        (f"search {number}", name)
        for number, search in enumerate(base.searches, start=1)
        for name in (*search.conditions, *search.comparisons)
    ]
    claims = [(claim.id, claim.condition) for claim in base.audit.claims]
    record, concept = "Add the record, or correct the key", "Use an id of taxonomy.toml"
    return [
        Problem(file=file, key=place, value=name, reason=f"{name!r} is not {where}", remedy=remedy)
        for file, places, known, where, remedy in (
            ("claims.toml", references, records, "in references.bib", record),
            ("sources.toml", searches, asked_for, "in taxonomy.toml", concept),
            ("claims.toml", claims, conditions, "a condition of taxonomy.toml", concept),
        )
        for place, name in places
        if name not in known
    ]


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
    if not path.exists():
        reason = "the file is missing"
    elif path.read_bytes() != descriptor_text(base.folder, base.sources).encode():
        reason = "it does not describe the data"
    else:
        return []
    return [Problem(DESCRIPTOR_FILE, reason, remedy="Run: python -m ipt_evidence describe")]


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
    changed = write_columns(folder / EFFECTS.file, derive_effects(effects))
    return changed + write_columns(folder / INSTRUMENTS.file, reference_sds(effects, instruments))


def _readable(folder: Path, table: Table) -> pd.DataFrame:
    frame, problems = read_table(folder, table)
    if problems:
        raise DataError(f"Nothing was written. First correct this: {problems[0]}")
    return frame
