"""The gap map as a file: CSV with its numbers, HTML to read or print, SVG and PNG as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from ipt_evidence.about import PRODUCT
from ipt_evidence.analyses.answer import interpretation
from ipt_evidence.analyses.gap_map.panel import Column, GapCell, GapRow, columns, filled, gap_rows
from ipt_evidence.analyses.gap_map.result import Cell, coverage
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.exchange.figures import INK, MUTED, RULE, STYLE, literal, saved
from ipt_evidence.exchange.report import template
from ipt_evidence.figures import lettering
from ipt_evidence.wording.plain import csv_safe

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["MAP_FORMS", "coverage_rows", "map_file"]

MAP_FORMS = {
    "svg": ("Picture to edit (SVG)", "image/svg+xml"),
    "png": ("Picture (PNG)", "image/png"),
    "csv": ("Numbers (CSV)", "text/csv"),
    "html": ("Table to read or print (HTML)", "text/html"),
}
"""Label and media type of each form."""

_TINTS = {  # by side and tone; the colours of the map on the screen, on white paper
    "ipt": ("#ffffff", "#e0eef0", "#c1dbdf", "#9cc6cd"),
    "comparison": ("#ffffff", "#f6e8e0", "#edd0c0", "#e3b498"),
    "neither": ("#f1f1f2", "#f1f1f2", "#f1f1f2", "#f1f1f2"),
}
_NAME, _COLUMN, _ROW, _TOP, _BOTTOM = 1.7, 1.55, 0.98, 0.95, 0.45  # inches
_LEADING = 1.35 / 72  # inches from one line to the next, for each point of its letters


def map_file(
    base: EvidenceBase, cells: Sequence[Cell], form: str, title: str, note: str = ""
) -> bytes:
    """The map of ``cells`` in one of `MAP_FORMS`, with the version of the data.

    Raises
    ------
    QuestionError
        When there is no such form.
    """
    if form not in MAP_FORMS:
        raise QuestionError(f"The map is not made as {form!r}. There are {', '.join(MAP_FORMS)}")
    if form == "csv":
        return csv_safe(_numbers(base, cells)).encode()
    shown = columns(base, cells[0].dimension) if cells else ()
    if cells and cells[0].dimension != "comparison":
        shown = filled(cells, shown)
    rows = gap_rows(base, cells, shown)
    source = f"{PRODUCT}, data version {base.version}. g above 0 favours IPT. {note}".strip()
    if form == "html":
        return _page(rows, shown, title, source).encode()
    return _picture(rows, shown, form, title, source)


def coverage_rows(base: EvidenceBase) -> list[dict[str, Any]]:
    """One row a condition and comparison, by their ids; None where nothing is pooled."""
    rows = []
    for cell in coverage(base):
        answer, pooled = cell.estimate, cell.estimate.pooled
        rows.append(
            {
                "condition": cell.condition,
                "comparison": cell.comparison,
                "state": cell.state,
                "k_studies": cell.k_studies,
                "k": answer.k,
                "n": answer.people.value if answer.people.studies_known else None,
                "n_effects": len(answer.selection.effects),
                "estimate": pooled and pooled.estimate,
                "ci_lower": pooled and pooled.ci_lower,
                "ci_upper": pooled and pooled.ci_upper,
                **interpretation(answer),
                "searched": cell.searched,
            }
        )
    return rows


def _numbers(base: EvidenceBase, cells: Sequence[Cell]) -> pd.DataFrame:
    """One row a cell; estimates in standard deviations, NA where nothing is pooled."""
    rows = []
    for cell in cells:
        pooled = cell.estimate.shown
        people = cell.estimate.people
        numbers = ("estimate", "ci_lower", "ci_upper", "pi_lower", "pi_upper", "tau2", "i2")
        rows.append(
            {
                "condition": base.taxonomy.condition(cell.condition).label,
                "comparison": base.taxonomy.comparison(cell.comparison).label,
                "dimension": cell.dimension,
                "level": cell.level,
                "state": cell.state,
                "studies_known": cell.k_studies,
                "trials_pooled": cell.estimate.k,
                "people": people.value if people.studies_known else None,
                **{name: None if pooled is None else getattr(pooled, name) for name in numbers},
                "certainty": cell.certainty,
                "searched": cell.searched or None,
            }
        )
    return pd.DataFrame(rows)


def _first_and_others(cell: GapCell) -> tuple[str, list[str]]:
    """What a cell says, a line each: the first, which is emphasised, and the others."""
    sure = f"certainty {cell.certainty}" if cell.certainty else ""
    lines = [one for one in (cell.main, cell.interval, cell.detail, sure, cell.note) if one]
    return lines[0], lines[1:]


def _page(rows: Sequence[GapRow], shown: Sequence[Column], title: str, source: str) -> str:
    texts = [
        (row.label, [(_tint(cell), *_first_and_others(cell)) for cell in row.cells]) for row in rows
    ]
    page = template("map.html")
    return str(page.render(title=title, ink=INK, columns=shown, rows=texts, source=source)) + "\n"


def _tint(cell: GapCell) -> str:
    return _TINTS[cell.side][cell.tone] if cell.side in _TINTS else "#ffffff"


def _picture(
    rows: Sequence[GapRow], shown: Sequence[Column], form: str, title: str, source: str
) -> bytes:
    import matplotlib as mpl  # heavy; needed only when somebody downloads the map
    from matplotlib.figure import Figure

    width, height = _NAME + _COLUMN * len(shown), _TOP + _ROW * len(rows) + _BOTTOM
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, width), ylim=(height, 0))  # inches, from the top
        axes.axis("off")
        _write(axes, 0.1, 0.1, title, width, 11, weight="bold")
        for at, column in enumerate(shown):
            left = _NAME + at * _COLUMN + 0.08
            _write(axes, left, 0.55, column.label, 1.35, 8.5, weight="bold")
        for down, row in enumerate(rows):
            top = _TOP + down * _ROW
            _write(axes, 0.1, top + 0.08, row.label, _NAME - 0.35, 8.5, weight="bold")
            for at, cell in enumerate(row.cells):
                _draw_cell(axes, _NAME + at * _COLUMN, top, cell)
        _write(axes, 0.1, height - 0.35, source, width, 7, color=MUTED)
        metadata = {"Date": None} if form == "svg" else {"Software": None}
        return saved(figure, form, {**metadata, "Title": title})


def _draw_cell(axes: Axes, left: float, top: float, cell: GapCell) -> None:
    from matplotlib.patches import Rectangle

    box = Rectangle((left, top), _COLUMN - 0.05, _ROW - 0.05, facecolor=_tint(cell),
                    edgecolor=RULE, linewidth=0.5)  # fmt: skip
    axes.add_patch(box)
    first, others = _first_and_others(cell)
    weight = "bold" if cell.side else "normal"
    below = _write(axes, left + 0.08, top + 0.06, first, _COLUMN, 8.5, weight=weight)
    for words in others:
        below = _write(axes, left + 0.08, below, words, _COLUMN - 0.15, 6.5)


def _write(
    axes: Axes, x: float, y: float, words: str, room: float, size: float, **how: Any
) -> float:
    """Write ``words`` from (x, y) down, in lines as wide as ``room`` inches; where they end."""
    # lettering measures letters of 13 pixels in another face, which is a seventh narrower
    pixels = room * 96 * 13 / (size * 4 / 3 * 1.15)
    leading = size * _LEADING
    lines = lettering.line_breaks(words, pixels)
    for at, line in enumerate(lines):
        axes.text(x, y + at * leading, literal(line), va="top", fontsize=size, **how)
    return y + len(lines) * leading
