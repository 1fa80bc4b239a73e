"""Published reviews by trial, drawn: a row a trial, a column a review."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from ipt_evidence.analyses.shared_trials.result import SharedTrials, shared_trials
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View
from ipt_evidence.figures import lettering
from ipt_evidence.figures.columns import HEADING_SIZE, NOTE_LINE, NOTE_SIZE, TEXT_SIZE
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.look import USUAL, Look

__all__ = ["figure", "review_matrix"]

ROW = 20.0  # pixels
MARK, DASH = 11.0, 7.0
LABEL_ROOM, COMPACT_LABEL_ROOM = 210.0, 132.0
HEAD_ROOM, COMPACT_HEAD_ROOM = 92.0, 150.0  # pixels of a heading, across and upright
LEAST_COLUMNS, COMPACT_LEAST_COLUMNS = 6, 4  # so that few reviews do not lie far apart
EDGE, LINE = 8.0, 15.0
KEY = {
    "included": "● included, in colour where the trial is in this estimate",
    "too_young": "– published after the review's search",
    "unknown": "? list known in part",
}


@cached
def figure(base: EvidenceBase, view: View, look: Look) -> go.Figure:
    """Reviews on the condition of ``view`` by trial."""
    found = shared_trials(base, view)
    if not found.reviews:
        return message_figure("No review with a list of trials.", look)
    return review_matrix(found, look)


def review_matrix(found: SharedTrials, look: Look = USUAL) -> go.Figure:
    """Draw which review includes which trial.

    Parameters
    ----------
    found
        At least one review with at least one trial.
    look
        The reader's theme and screen.

    Returns
    -------
    go.Figure
        Traces ``in estimate``, ``included``, ``published later``, ``not known``, where they occur.
    """
    colours, compact = look.colours, look.compact
    drawing = Drawing(look, _frame(found, compact))
    for row in range(len(found.trials)):
        drawing.shape(
            type="line", xref="paper", x0=0, x1=1, y0=row, y1=row, layer="below",
            line={"color": colours.grid, "width": 1},
        )  # fmt: skip
    _marks(drawing, found, look)
    _headings(drawing, found, colours.ink, compact)
    for number, line in enumerate(_key(found)):
        drawing.write(
            line, NOTE_SIZE, colours.muted, x=0, xanchor="left", y=0, yanchor="top",
            xshift=EDGE - _label_room(found, compact), yshift=-(EDGE + number * NOTE_LINE),
            name="key",
        )  # fmt: skip
    return drawing.figure()


def _key(found: SharedTrials) -> list[str]:
    """What the marks mean, of those that occur."""
    rows, columns = found.included.shape
    occur = {found.state(row, column) for row in range(rows) for column in range(columns)}
    return [line for state, line in KEY.items() if state in occur]


def _label_room(found: SharedTrials, compact: bool) -> float:
    most = COMPACT_LABEL_ROOM if compact else LABEL_ROOM
    return min(most, lettering.widest(found.trials["label"], TEXT_SIZE)) + 2 * EDGE


def _frame(found: SharedTrials, compact: bool) -> dict[str, Any]:
    """Size, margins and axes; the names of the trials stand in the left margin."""
    rows, columns = found.included.shape
    heads = [_heading(one.label, len(one.trials), compact) for one in found.reviews]
    top = (
        max(lettering.text_width(lines[0], HEADING_SIZE) for lines in heads)
        if compact
        else max(len(lines) for lines in heads) * LINE
    )
    bottom = 2 * EDGE + len(_key(found)) * NOTE_LINE
    room = COMPACT_LABEL_ROOM if compact else LABEL_ROOM
    names = [lettering.shorten(str(name), room, TEXT_SIZE) for name in found.trials["label"]]
    least = COMPACT_LEAST_COLUMNS if compact else LEAST_COLUMNS
    plain = {"showgrid": False, "zeroline": False, "showline": False, "fixedrange": True}
    return {
        "height": round(top + 2 * EDGE + rows * ROW + bottom),
        "margin": {
            "l": round(_label_room(found, compact)), "r": round(EDGE),
            "t": round(top + 2 * EDGE), "b": round(bottom),
        },
        "showlegend": False,
        "xaxis": {**plain, "visible": False, "range": [-0.5, max(columns, least) - 0.5]},
        "yaxis": {
            **plain, "range": [rows - 0.5, -0.5], "tickvals": list(range(rows)), "ticks": "",
            "ticktext": [lettering.escape(name) for name in names],
            "tickfont": {"size": TEXT_SIZE},
        },
    }  # fmt: skip


def _heading(label: str, number: int, compact: bool) -> list[str]:
    if compact:
        return [f"{lettering.shorten(label, COMPACT_HEAD_ROOM, HEADING_SIZE)} ({number})"]
    return lettering.line_breaks(f"{label} ({number})", HEAD_ROOM, HEADING_SIZE)


def _headings(drawing: Drawing, found: SharedTrials, ink: str, compact: bool) -> None:
    """Names of the reviews above their columns, upright where there is little room."""
    for column, review in enumerate(found.reviews):
        lines = _heading(review.label, len(review.trials), compact)
        place: dict[str, Any] = {"textangle": -90} if compact else {}
        drawing.write(
            "<br>".join(lettering.escape(line) for line in lines), HEADING_SIZE, ink, xref="x",
            x=column, xanchor="center", y=1, yanchor="bottom", yshift=EDGE, name="heading", **place,
        )  # fmt: skip


def _marks(drawing: Drawing, found: SharedTrials, look: Look) -> None:
    ink, muted = look.colours.ink, look.colours.muted
    kinds: dict[str, list[tuple[int, int]]] = {}
    for row, used in enumerate(found.trials["used"]):
        for column in range(len(found.reviews)):
            state: str = found.state(row, column)
            kind = "used" if state == "included" and used else state
            kinds.setdefault(kind, []).append((row, column))
    dash = {"size": DASH, "color": muted, "symbol": "line-ew"}
    styles: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("used", "in estimate", {"marker": {"size": MARK, "color": look.colour}}),
        ("included", "included", {"marker": {"size": MARK, "color": ink}}),
        (
            "too_young",
            "published later",
            {"marker": {**dash, "line": {"width": 1.5, "color": muted}}},
        ),
        (
            "unknown",
            "not known",
            {"mode": "text", "text": "?", "textfont": {"size": NOTE_SIZE, "color": muted}},
        ),
    )
    for wanted, name, style in styles:
        cells = kinds.get(wanted, [])
        if cells:
            marks = {
                "x": [column for _, column in cells],
                "y": [row for row, _ in cells],
                "mode": "markers",
                "name": name,
                "hoverinfo": "text",
                "hovertext": [_hover(found, row, column, name) for row, column in cells],
            }
            drawing.scatter(**(marks | style))


def _hover(found: SharedTrials, row: int, column: int, name: str) -> str:
    said = {
        "in estimate": "included, and in this estimate",
        "included": "included; not in this estimate",
        "published later": "published after the review's search",
        "not known": "not known: the list is not complete",
    }
    trial = lettering.escape(str(found.trials["label"].iloc[row]))
    return f"<b>{trial}</b><br>{lettering.escape(found.reviews[column].label)}: {said[name]}"
