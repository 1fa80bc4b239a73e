"""What changed between two versions: rows, fields, and above all the answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.magnitude import size_word
from ipt_evidence.evidence.schema import EFFECTS, STUDIES, Table
from ipt_evidence.living.versions.snapshots import CellSnapshot, EffectSnapshot, Snapshot, take

__all__ = [
    "CellChange",
    "Comparison",
    "FieldChange",
    "RowChange",
    "TrialChange",
    "compare",
    "compare_bases",
]

# Two runs of an iterative estimator on different processors; far below the two decimals shown.
_ESTIMATE_TOLERANCE = 2e-5

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One cell of a table; a missing value is None."""

    column: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row of ``studies.csv`` or ``effects.csv``.

    ``fields`` is empty for rows that came or went. Between snapshots only ``yi``, ``vi``,
    ``include`` and ``study_id`` of effects are known; a changed row without fields then changed
    elsewhere.
    """

    table: Literal["studies", "effects"]
    key: str
    label: str
    kind: Kind
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class TrialChange:
    """One trial's part in a change of an estimate: ``yi`` before and after, None where absent."""

    study_id: str
    label: str
    old: float | None
    new: float | None


@dataclass(frozen=True, slots=True)
class CellChange:
    """The estimate of one condition × comparison before and after; None where nothing is pooled.

    ``direction_changed``: the estimate as printed lies on another side of 0.
    ``significance_changed``: its interval excludes 0 now and did not, or the reverse.
    ``size_changed``: another size word (very small, small, moderate, large).
    ``trials`` holds each trial that came, went or moved: empty when the way of pooling or the
    precision of a trial is what changed.
    """

    condition: str
    comparison: str
    old: CellSnapshot | None
    new: CellSnapshot | None
    trials: tuple[TrialChange, ...]

    @property
    def direction_changed(self) -> bool:
        """The estimate as printed lies on another side of 0."""
        return self._differs(lambda cell: _sign(cell.estimate))

    @property
    def significance_changed(self) -> bool:
        """The interval excludes 0 now and did not, or the reverse."""
        return self._differs(lambda cell: cell.ci_lower > 0 or cell.ci_upper < 0)

    @property
    def size_changed(self) -> bool:
        """The size word changed."""
        return self._differs(lambda cell: size_word(cell.estimate))

    @property
    def flags(self) -> tuple[str, ...]:
        """Which parts of the conclusion changed, or that an answer is there for the first time."""
        if self.old is None or self.new is None:
            return ("first_answer",) if self.old is None else ("no_answer_now",)
        names = ("direction", "significance", "size")
        return tuple(name for name in names if getattr(self, f"{name}_changed"))

    def _differs(self, judged: Any) -> bool:
        if self.old is None or self.new is None:
            return False
        return bool(judged(self.old) != judged(self.new))


@dataclass(frozen=True)
class Comparison:
    """Everything that changed between two versions, answers first."""

    old: str
    new: str
    cells: tuple[CellChange, ...]
    rows: tuple[RowChange, ...]

    @property
    def numbers_changed(self) -> bool:
        """A study or an effect came or went, or an effect's number changed: a new MINOR."""
        numeric = {"yi", "vi", "include", "study_id"}
        return bool(self.cells) or any(
            row.kind != "changed" or numeric & {field.column for field in row.fields}
            for row in self.rows
        )

    def cell(self, condition: str, comparison: str) -> CellChange | None:
        """How the answer to one question moved; None when it did not."""
        for change in self.cells:
            if (change.condition, change.comparison) == (condition, comparison):
                return change
        return None


def compare(old: Snapshot, new: Snapshot) -> Comparison:
    """What changed from ``old`` to ``new``, as far as their snapshots tell."""
    labels = {
        key: study.label for side in (old, new) for key, study in side.studies.items()
    }  # the newer label wins
    studies = [
        RowChange("studies", key, labels[key], kind)
        for key, kind in _kinds(old.studies, new.studies)
    ]
    effects = []
    for key, kind in _kinds(old.effects, new.effects):
        either = new.effects.get(key) or old.effects[key]
        fields = _effect_fields(old.effects[key], new.effects[key]) if kind == "changed" else ()
        label = labels.get(either.study_id, either.study_id)
        effects.append(RowChange("effects", key, label, kind, fields))
    return Comparison(old.name, new.name, _cells(old, new, labels), (*studies, *effects))


def compare_bases(old: EvidenceBase, new: EvidenceBase) -> Comparison:
    """What changed from ``old`` to ``new``, with every field of each changed row."""
    coarse = compare(take(old), take(new))
    rows = tuple(_with_fields(row, old, new) if row.kind == "changed" else row
                 for row in coarse.rows)  # fmt: skip
    return Comparison(coarse.old, coarse.new, coarse.cells, rows)


def _kinds(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Kind]]:
    found: list[tuple[str, Kind]] = [(key, "added") for key in new if key not in old]
    found += [(key, "removed") for key in old if key not in new]
    found += [(key, "changed") for key in new if key in old and old[key].hash != new[key].hash]
    return found


def _effect_fields(old: EffectSnapshot, new: EffectSnapshot) -> tuple[FieldChange, ...]:
    pairs = ((name, getattr(old, name), getattr(new, name))
             for name in ("study_id", "yi", "vi", "include"))  # fmt: skip
    return tuple(FieldChange(name, was, now) for name, was, now in pairs if was != now)


def _cells(old: Snapshot, new: Snapshot, labels: Mapping[str, str]) -> tuple[CellChange, ...]:
    keys = dict.fromkeys((*new.cells, *old.cells))
    changes = []
    for key in keys:
        before, after = old.cells.get(key), new.cells.get(key)
        if _same(before, after):
            continue
        was = before.trials if before else {}
        now = after.trials if after else {}
        trials = tuple(
            TrialChange(study, labels.get(study, study), _yi(was, study), _yi(now, study))
            for study in dict.fromkeys((*now, *was))
            if _yi(was, study) != _yi(now, study)
        )
        changes.append(CellChange(*key, before, after, trials))
    return tuple(changes)


def _same(before: CellSnapshot | None, after: CellSnapshot | None) -> bool:
    """Equal but for the last digits, in which two computers may differ."""
    if before is None or after is None:
        return before is after
    if (before.k, before.n, before.trials) != (after.k, after.n, after.trials):
        return False
    pairs = ((getattr(before, name), getattr(after, name))
             for name in ("estimate", "ci_lower", "ci_upper"))  # fmt: skip
    return all(math.isclose(was, now, abs_tol=_ESTIMATE_TOLERANCE) for was, now in pairs)


def _yi(trials: Mapping[str, tuple[float, float]], study: str) -> float | None:
    return trials[study][0] if study in trials else None


def _sign(value: float) -> int:
    shown = round(value, 2)
    return (shown > 0) - (shown < 0)


def _with_fields(row: RowChange, old: EvidenceBase, new: EvidenceBase) -> RowChange:
    table: Table = STUDIES if row.table == "studies" else EFFECTS
    before, after = _row(old, table, row.key), _row(new, table, row.key)
    fields = tuple(
        FieldChange(name, before[name], after[name])
        for name in table.column_names
        if before[name] != after[name]
    )
    return RowChange(row.table, row.key, row.label, row.kind, fields)


def _row(base: EvidenceBase, table: Table, key: str) -> dict[str, Any]:
    frame = base.studies if table.name == "studies" else base.effects
    row = frame.loc[frame[table.key] == key].iloc[0]
    return {name: _value(row[name]) for name in table.column_names}


def _value(value: Any) -> Any:
    if isinstance(value, tuple):
        return ";".join(map(str, value)) or None
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
