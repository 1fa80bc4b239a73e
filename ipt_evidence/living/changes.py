"""What changed between two versions of the data, in words too; and how a new one is released."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from ipt_evidence.citations.taxonomy import Taxonomy
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import TOO_FEW
from ipt_evidence.evidence.files import read_text, write_together
from ipt_evidence.evidence.magnitude import size_word
from ipt_evidence.evidence.package import (
    DESCRIPTOR_FILE,
    descriptor_text,
    newest,
    number,
    version_path,
)
from ipt_evidence.evidence.schema import EFFECTS, STUDIES, Table
from ipt_evidence.living.snapshots import (
    CellSnapshot,
    EffectSnapshot,
    Snapshot,
    find,
    snapshot_text,
    take,
)
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import first_of
from ipt_evidence.wording.sentences import two_values

__all__ = [
    "CHANGES_FILE",
    "Comparison",
    "Entry",
    "cell_sentence",
    "compare",
    "compare_bases",
    "entries",
    "entry",
    "next_name",
    "publish",
    "report",
    "since_release",
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

    ``trials`` holds each trial that came, went or moved: empty when the way of pooling or the
    precision of a trial is what changed.
    """

    condition: str
    comparison: str
    old: CellSnapshot | None
    new: CellSnapshot | None
    trials: tuple[TrialChange, ...]

    @property
    def flags(self) -> tuple[str, ...]:
        """Which parts of the conclusion changed.

        ``first_answer`` or ``no_answer_now`` where only one side has an estimate that may be read
        as one, which two trials have not; nothing where neither has; else any of
        ``direction`` (the estimate as printed lies on another side of 0), ``significance`` (its
        interval excludes 0 now and did not, or the reverse) and ``size`` (another size word).
        """
        old, new = _readable(self.old), _readable(self.new)
        if old is None or new is None:
            if old is new:
                return ()
            return ("first_answer",) if old is None else ("no_answer_now",)
        return tuple(name for name, of in _CONCLUSION.items() if of(old) != of(new))


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


def _readable(cell: CellSnapshot | None) -> CellSnapshot | None:
    """The cell where it holds an estimate that may be read as one; see `Estimate.shown`."""
    return None if cell is None or cell.k == TOO_FEW else cell


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


_CONCLUSION: dict[str, Callable[[CellSnapshot], object]] = {
    "direction": lambda cell: _sign(cell.estimate),
    "significance": lambda cell: cell.ci_lower > 0 or cell.ci_upper < 0,
    "size": lambda cell: size_word(cell.estimate),
}


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


CHANGES_FILE = "CHANGES.md"
_HEADING = (
    "# What changed in the data, and what it did to the conclusions\n\n"
    "Versions are YY.MINOR.PATCH: MINOR rises when a study or an effect comes, goes or moves,\n"
    "PATCH for corrections that change no number. Each entry is written by\n"
    "`python -m ipt_evidence release`.\n"
)


def since_release(base: EvidenceBase) -> Comparison | None:
    """What changed since the newest released version; None for a base that has none."""
    name = newest(base.folder)
    return compare(find(base, name), take(base)) if name else None


def next_name(base: EvidenceBase, changes: Comparison | None, year: int) -> str:
    """The name that a release of ``base`` gets in ``year`` (four digits), by what changed."""
    yy = year % 100
    if changes is None:
        return f"{yy}.1.0"
    old_yy, minor, patch = number(newest(base.folder))
    if not changes.numbers_changed:
        return f"{old_yy}.{minor}.{patch + 1}"
    return f"{yy}.{minor + 1}.0" if yy == old_yy else f"{yy}.1.0"


def publish(base: EvidenceBase, name: str, date: str, entry: str) -> Snapshot:
    """Write the snapshot of version ``name``, its entry in CHANGES.md, and the descriptor.

    The snapshot comes last: a version is released when it is there. A release that was broken off
    before is made again by the next.
    """
    snapshot = take(base, name=name, date=date)
    folder = base.folder
    write_together(
        {
            folder / CHANGES_FILE: _with_entry(folder / CHANGES_FILE, name, entry),
            folder / DESCRIPTOR_FILE: descriptor_text(folder, base.sources, name),
            version_path(folder, name): snapshot_text(snapshot),
        }
    )
    return snapshot


def _with_entry(path: Path, name: str, entry: str) -> str:
    """CHANGES.md with ``entry`` on top, in place of one that a broken release left."""
    old = read_text(path) if path.exists() else _HEADING
    heading, *entries = old.split("\n## ")
    kept = "".join(f"\n## {one}" for one in entries if not one.startswith(f"{name} ("))
    return f"{heading.rstrip()}\n\n{entry.strip()}\n{kept}"


ARROW = "→"
_MOST_NAMED = 6  # trials named in a sentence; the rest are counted
_FLAG_WORDS = {
    "direction": "the direction changed",
    "significance": "whether the interval excludes zero changed",
    "size": "the size word changed",
    "first_answer": "first answer to this question",
    "no_answer_now": "no answer any more",
}


def report(changes: Comparison, taxonomy: Taxonomy) -> Iterator[str]:
    """The whole comparison, line by line: answers first, then rows."""
    yield f"{changes.old} {ARROW} {changes.new}"
    if not changes.cells and not changes.rows:
        yield "Nothing changed."
        return
    yield ""
    yield f"Answers that moved: {len(changes.cells)}"
    for cell in changes.cells:
        yield f"  {cell_sentence(cell, taxonomy)}"
    for table in ("studies", "effects"):
        rows = [row for row in changes.rows if row.table == table]
        counts = ", ".join(
            f"{sum(row.kind == kind for row in rows)} {kind}"
            for kind in ("added", "removed", "changed")
        )
        yield ""
        yield f"{table.capitalize()}: {counts}"
        for row in rows:
            yield from row_lines(row)


def row_lines(row: RowChange) -> Iterator[str]:
    """One row that came, went or changed, and each of its fields, old and new."""
    yield f"  {row.kind}: {row.key} ({row.label})"
    for field in row.fields:
        yield f"      {field.column}: {_shown(field.old)} {ARROW} {_shown(field.new)}"


def cell_sentence(cell: CellChange, taxonomy: Taxonomy) -> str:
    """One answer before and after, which trials did it, and what of the conclusion changed."""
    question = (
        f"{taxonomy.condition(cell.condition).label}, "
        f"{taxonomy.comparison(cell.comparison).label.lower()}"
    )
    text = f"{question}: {_estimate(cell.old)} {ARROW} {_estimate(cell.new)}"
    because = _because(cell)
    text += f"; {because}" if because else ""
    notes = [_flag(cell, flag) for flag in cell.flags]
    return text + (f" [{'; '.join(notes)}]" if notes else "")


def _flag(cell: CellChange, flag: str) -> str:
    if flag == "size" and cell.old and cell.new:
        return f"{size_word(cell.old.estimate)} {ARROW} {size_word(cell.new.estimate)}"
    return _FLAG_WORDS[flag]


def _estimate(cell: CellSnapshot | None) -> str:
    if cell is None:
        return "no estimate"
    if cell.k == TOO_FEW:
        return two_values([yi for yi, _ in cell.trials.values()])
    ends = tables.interval(cell.ci_lower, cell.ci_upper)
    return f"g {tables.effect(cell.estimate)} ({ends}), k {cell.k}"


def _because(cell: CellChange) -> str:
    came = [trial.label for trial in cell.trials if trial.old is None]
    went = [trial.label for trial in cell.trials if trial.new is None]
    moved = [
        f"{trial.label} (g {tables.effect(trial.old)} {ARROW} {tables.effect(trial.new)})"
        for trial in cell.trials
        if trial.old is not None and trial.new is not None
    ]
    parts = [f"{word} {first_of(names, _MOST_NAMED)}"
             for word, names in (("came:", came), ("went:", went), ("moved:", moved))
             if names]  # fmt: skip
    if parts or cell.old is None or cell.new is None:
        return "; ".join(parts)
    if cell.old.trials != cell.new.trials:
        return "the precision of a trial changed"
    if cell.old.n != cell.new.n:
        return "the number of people changed"
    return "the same trials, pooled in another way"


def _shown(value: object) -> str:
    return "NA" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def entry(
    name: str, date: str, because: str, changes: Comparison | None, taxonomy: Taxonomy
) -> str:
    """The entry of a version in CHANGES.md."""
    lines = [f"## {name} ({date})", "", because.strip()]
    if changes is None:
        return "\n".join(lines)
    if changes.cells:
        lines += ["", "Answers that moved:", ""]
        lines += [f"- {cell_sentence(cell, taxonomy)}" for cell in changes.cells]
    else:
        lines += ["", "No answer moved."]
    for table in ("studies", "effects"):
        for kind in ("added", "removed", "changed"):
            keys = [row.key for row in changes.rows if (row.table, row.kind) == (table, kind)]
            if keys:
                lines += ["", f"{table.capitalize()} {kind}: {', '.join(keys)}."]
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Entry:
    """One version in CHANGES.md: its name, day (YYYY-MM-DD), why, and what moved, a sentence each.

    ``rest`` holds its other paragraphs, such as the studies that were added.
    """

    name: str
    date: str
    because: str
    moved: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()


_ENTRY = re.compile(r"^## (\S+) \((\d{4}-\d{2}-\d{2})\)$", re.MULTILINE)


def entries(text: str) -> tuple[Entry, ...]:
    """The versions in the text of CHANGES.md, as `entry` writes them, in their order."""
    parts = _ENTRY.split(text)[1:]
    return tuple(_read(*parts[at : at + 3]) for at in range(0, len(parts), 3))


def _read(name: str, date: str, text: str) -> Entry:
    lines = [line.strip() for line in text.splitlines()]
    moved = tuple(line.removeprefix("- ") for line in lines if line.startswith("- "))
    rest = [line for line in lines if line and not line.startswith("- ")]
    because = rest.pop(0) if rest else ""
    return Entry(name, date, because, moved, tuple(one for one in rest if one[-1] != ":"))
