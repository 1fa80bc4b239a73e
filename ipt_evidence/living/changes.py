"""Two versions of the data in words: what moved, by how much, and because of which trials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ipt_evidence.citations.taxonomy import Taxonomy
from ipt_evidence.evidence.magnitude import size_word
from ipt_evidence.living.versions import CellChange, CellSnapshot, Comparison, RowChange
from ipt_evidence.wording import tables

__all__ = ["cell_sentence", "entry", "report", "row_lines"]

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
        yield f"      {field.column}: {_plain(field.old)} {ARROW} {_plain(field.new)}"


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
    parts = [f"{word} {_named(names)}"
             for word, names in (("came:", came), ("went:", went), ("moved:", moved))
             if names]  # fmt: skip
    if parts or cell.old is None or cell.new is None:
        return "; ".join(parts)
    if cell.old.trials != cell.new.trials:
        return "the precision of a trial changed"
    if cell.old.n != cell.new.n:
        return "the number of people changed"
    return "the same trials, pooled in another way"


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    rest = len(names) - _MOST_NAMED
    return f"{shown} and {rest} more" if rest > 0 else shown


def _plain(value: object) -> str:
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
