"""The columns of text beside a forest plot."""

from __future__ import annotations

from typing import Literal

from ipt_evidence.analyses.forest.rows import ForestRow
from ipt_evidence.figures import lettering
from ipt_evidence.figures.columns import TEXT_SIZE, TextColumn
from ipt_evidence.figures.risk_of_bias import ROB_COLUMN_WIDTH

__all__ = [
    "COMPARATOR_ROOM",
    "Columns",
    "label_column",
    "left_columns",
    "number_column",
    "right_columns",
]

Columns = Literal["comparator", "arms", "both"]

COMPARATOR_ROOM = 178.0  # pixels: "enhanced treatment as usual" fits


def label_column(
    rows: list[ForestRow],
    room: float,
    heading: str = "",
    rise: float = 0.0,
    *,
    people: bool = False,
    quiet: str = "",
) -> TextColumn:
    """Write names, cut to ``room``; pooled effects and headings in bold.

    With ``people`` each name is followed by its number of people, in the colour ``quiet``.
    """
    cells, width = [], 0.0
    for row in rows:
        bold = row.bold
        mark = " †" if row.flags else ""
        counted = f" · n {row.n}" if people and row.n else ""
        # A heading may run into the plot, where nothing stands in its row.
        most = room * 1.6 if row.kind == "heading" else room
        beside = lettering.text_width(mark + counted)
        shown = lettering.shorten(row.label, most - beside, bold=bold) + mark
        if row.kind != "heading":
            width = max(width, lettering.text_width(shown + counted, TEXT_SIZE, bold=bold))
        text = lettering.escape(shown)
        text = f"<b>{text}</b>" if bold else text
        cells.append(f'{text}<span style="color:{quiet}">{counted}</span>' if counted else text)
    return TextColumn(heading, tuple(cells), width, rise=rise)


def left_columns(
    rows: list[ForestRow],
    max_label: float,
    columns: Columns = "comparator",
    max_comparator: float = COMPARATOR_ROOM,
) -> tuple[TextColumn, ...]:
    """Write names and, where known, what IPT was compared with and what each arm reported."""
    labels = label_column(rows, max_label, "Study")
    compared = () if columns == "arms" else _compared(rows, max_comparator)
    return (labels, *compared, *(() if columns == "comparator" else _arms(rows)))


def _compared(rows: list[ForestRow], room: float) -> tuple[TextColumn, ...]:
    if not any(row.comparator for row in rows):
        return ()
    words = [lettering.shorten(row.comparator, room) for row in rows]
    cells = tuple(lettering.escape(word) for word in words)
    comparator = TextColumn("Compared with", cells, lettering.widest(words), muted=True)
    return (comparator,)


def _arms(rows: list[ForestRow]) -> tuple[TextColumn, ...]:
    """Write what each arm reported: "12.3 (8.1), n 45" or "7/110"."""
    columns = []
    for heading, cells in (
        ("IPT arm", [row.ipt_data for row in rows]),
        ("Comparison arm", [row.comparison_data for row in rows]),
    ):
        if any(cells):
            shown = tuple(lettering.escape(cell) for cell in cells)
            width = lettering.widest(cells, TEXT_SIZE)
            columns.append(TextColumn(heading, shown, width, "right", muted=True))
    return tuple(columns)


def right_columns(rows: list[ForestRow], *, people: bool = True) -> tuple[TextColumn, ...]:
    """Write people, weight, g, its interval, and leave room for risk of bias, where known."""
    columns = []
    if people and any(row.n for row in rows):
        columns.append(_right("People", [(row.n, row.bold) for row in rows]))
    if any(row.weight for row in rows):
        columns.append(_right("Weight", [(row.weight, row.bold) for row in rows]))
    columns.append(_right("g", [(row.g, row.bold) for row in rows]))
    columns.append(_right("95% CI", [(row.ci, row.bold) for row in rows]))
    if any(row.rob for row in rows):
        columns.append(TextColumn("Bias", ("",) * len(rows), ROB_COLUMN_WIDTH))
    return tuple(columns)


def _right(heading: str, cells: list[tuple[str, bool]]) -> TextColumn:
    width = max(lettering.text_width(cell, TEXT_SIZE, bold=bold) for cell, bold in cells)
    shown = tuple(f"<b>{cell}</b>" if cell and bold else cell for cell, bold in cells)
    return TextColumn(heading, shown, width, "right")


def number_column(rows: list[ForestRow], rise: float) -> TextColumn:
    """Write g and its interval in one column, for narrow screens."""
    cells = [(f"{row.g} {row.ci}".strip(), row.bold) for row in rows]
    column = _right("", cells)
    return TextColumn("", column.cells, column.width, "right", rise=rise)
