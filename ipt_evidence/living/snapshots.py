"""A released version in small: every estimate with its trials, and a hash of every row.

A snapshot is kept so that a number cited under an old version can be shown again and compared
with what it is now; the full tables of old versions are in the project's history.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.errors import DataError, QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model, estimate
from ipt_evidence.evidence.package import released_names, version_path
from ipt_evidence.evidence.schema import EFFECTS, STUDIES, Table
from ipt_evidence.evidence.selection import Question

__all__ = [
    "CellSnapshot",
    "EffectSnapshot",
    "Snapshot",
    "find",
    "released",
    "snapshot_text",
    "take",
]

_DECIMALS = 6  # as precise as two computers agree, and far beyond what is shown
_HASH_DIGITS = 10
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class StudySnapshot:
    """A study as it was released: its name in figures, and a hash of its row."""

    label: str
    hash: str


@dataclass(frozen=True, slots=True)
class EffectSnapshot:
    """An effect as it was released. ``yi`` in standard deviations, positive favours IPT."""

    study_id: str
    hash: str
    yi: float | None
    vi: float | None
    include: bool


@dataclass(frozen=True, slots=True)
class CellSnapshot:
    """The estimate of one condition × comparison under the default model.

    ``trials`` maps each trial that was pooled to its own ``(yi, vi)``.
    """

    condition: str
    comparison: str
    k: int
    n: int | None
    estimate: float
    ci_lower: float
    ci_upper: float
    tau2: float | None
    trials: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Snapshot:
    """One version of the data; ``name`` is what ``package.name_of`` calls it."""

    name: str
    date: str
    fingerprint: str
    model: Mapping[str, Any]
    cells: Mapping[tuple[str, str], CellSnapshot]
    studies: Mapping[str, StudySnapshot]
    effects: Mapping[str, EffectSnapshot]

    def cell(self, condition: str, comparison: str) -> CellSnapshot | None:
        """The estimate for a condition and comparison; None where nothing was pooled."""
        return self.cells.get((condition, comparison))


def take(base: EvidenceBase, *, name: str = "", date: str = "") -> Snapshot:
    """The snapshot of ``base`` as it is; every condition × comparison in which k is 1 or more."""
    model = Model()
    cells = [
        _cell(*pair, answer)
        for pair in _answerable(base)
        if (answer := estimate(base, Question(*pair), model)).pooled is not None
    ]
    return Snapshot(
        name=name or base.version,
        date=date,
        fingerprint=base.fingerprint,
        model=asdict(model),
        cells={(cell.condition, cell.comparison): cell for cell in cells},
        studies={
            str(row["study_id"]): StudySnapshot(str(row["label"]), _hash(row, STUDIES))
            for row in base.studies.to_dict("records")
        },
        effects={
            str(row["effect_id"]): EffectSnapshot(
                study_id=str(row["study_id"]),
                hash=_hash(row, EFFECTS),
                yi=_rounded(row["yi"]),
                vi=_rounded(row["vi"]),
                include=bool(row["include"]),
            )
            for row in base.effects.to_dict("records")
        },
    )


def _answerable(base: EvidenceBase) -> list[tuple[str, str]]:
    """Each condition × comparison with an effect that may be pooled, in the taxonomy's order."""
    rows = base.joined.loc[base.joined["include"]]
    found = {
        (condition, comparison)
        for conditions, comparison in zip(rows["conditions_all"], rows["comparison"], strict=True)
        for condition in conditions
    }
    return [
        (condition.id, comparison.id)
        for condition in base.taxonomy.conditions
        for comparison in base.taxonomy.comparisons
        if (condition.id, comparison.id) in found
    ]


def _cell(condition: str, comparison: str, answer: Estimate) -> CellSnapshot:
    pooled = answer.pooled
    assert pooled is not None  # noqa: S101 - the caller keeps only cells with an estimate
    rows = zip(answer.trials["study_id"], answer.trials["yi"], answer.trials["vi"], strict=True)
    return CellSnapshot(
        condition=condition,
        comparison=comparison,
        k=answer.k,
        n=answer.people.value if answer.people.studies_known else None,
        estimate=round(float(pooled.estimate), _DECIMALS),
        ci_lower=round(float(pooled.ci_lower), _DECIMALS),
        ci_upper=round(float(pooled.ci_upper), _DECIMALS),
        tau2=_rounded(pooled.tau2),
        trials={
            str(study): (round(float(yi), _DECIMALS), round(float(vi), _DECIMALS))
            for study, yi, vi in rows
        },
    )


def _rounded(value: object) -> float | None:
    return None if pd.isna(value) else round(float(value), _DECIMALS)  # type: ignore[arg-type, call-overload]


def _hash(row: Mapping[Any, Any], table: Table) -> str:
    """Hash of the cells of a row; computed columns count to six decimals, like the numbers."""
    cells = [str(_plain(row[name])) for name in table.column_names]
    return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:_HASH_DIGITS]


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return ";".join(map(str, value))
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    return round(value, _DECIMALS) if isinstance(value, float) else value


def snapshot_text(snapshot: Snapshot) -> str:
    """What stands in ``versions/NAME.json``: JSON, one line a row."""
    return "\n".join(_lines(snapshot)) + "\n"


def _lines(snapshot: Snapshot) -> Iterator[str]:
    head = {
        "format": _FORMAT,
        "version": snapshot.name,
        "date": snapshot.date,
        "fingerprint": snapshot.fingerprint,
        "model": snapshot.model,
    }
    yield "{" + ",\n ".join(f"{json.dumps(key)}: {json.dumps(head[key])}" for key in head) + ","
    cells = [[*asdict(cell).values()] for cell in snapshot.cells.values()]
    yield from _block("cells", [json.dumps(cell, separators=(",", ":")) for cell in cells], "[]")
    studies = {key: [*asdict(row).values()] for key, row in snapshot.studies.items()}
    effects = {key: [*asdict(row).values()] for key, row in snapshot.effects.items()}
    for key, rows in (("studies", studies), ("effects", effects)):
        texts = [
            f"{json.dumps(name)}:{json.dumps(row, ensure_ascii=False, separators=(',', ':'))}"
            for name, row in rows.items()
        ]
        yield from _block(key, texts, "{}", last=key == "effects")
    yield "}"


def _block(key: str, rows: list[str], brackets: str, *, last: bool = False) -> Iterator[str]:
    yield f'"{key}": {brackets[0]}'
    yield ",\n".join(rows)
    yield brackets[1] + ("" if last else ",")


def read_snapshot(path: Path) -> Snapshot:
    """Read a released version.

    Raises
    ------
    DataError
        When the file is missing or is not a snapshot.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != _FORMAT:
            raise DataError(
                f"{path} has the format {document['format']!r}, this program reads {_FORMAT}. "
                "Update the program"
            )
        names = tuple(CellSnapshot.__dataclass_fields__)
        facts = [dict(zip(names, cell, strict=True)) for cell in document["cells"]]
        cells = [CellSnapshot(**{**fact, "trials": _pairs(fact["trials"])}) for fact in facts]
        return Snapshot(
            name=document["version"],
            date=document["date"],
            fingerprint=document["fingerprint"],
            model=document["model"],
            cells={(cell.condition, cell.comparison): cell for cell in cells},
            studies={key: StudySnapshot(*row) for key, row in document["studies"].items()},
            effects={key: EffectSnapshot(*row) for key, row in document["effects"].items()},
        )
    except OSError as err:
        raise DataError(f"{path} cannot be read: {err.strerror}") from err
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise DataError(
            f"{path} is not a released version of the data ({type(err).__name__}: {err}). "
            "Restore it from the project"
        ) from err


def _pairs(trials: Mapping[str, list[float]]) -> dict[str, tuple[float, float]]:
    return {study: (float(pair[0]), float(pair[1])) for study, pair in trials.items()}


def released(base: EvidenceBase) -> tuple[Snapshot, ...]:
    """The released versions of ``base``, oldest first; empty for a base without any."""
    names = released_names(base.folder)
    return tuple(read_snapshot(version_path(base.folder, name)) for name in names)


def find(base: EvidenceBase, name: str) -> Snapshot:
    """The released version ``name``; a changed state (``26.1.0+4f3a2b1``) gives its release.

    Raises
    ------
    QuestionError
        When that version was never released; the message names those that were.
    """
    plain = name.partition("+")[0]
    names = released_names(base.folder)
    if plain not in names:
        known = ", ".join(names) or "none"
        raise QuestionError(f"No data version {name!r} was released. Released: {known}")
    return read_snapshot(version_path(base.folder, plain))
