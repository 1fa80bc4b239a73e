"""Figures of the living base: a citation matrix, and the flow of records of PRISMA 2020."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from ipt_evidence.figures.drawing import message_figure
from ipt_evidence.figures.look import Look
from ipt_evidence.figures.template import palette, template
from ipt_evidence.living.candidates import Flow
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import numbered

__all__ = ["citation_matrix", "prisma_flow"]

ROW, TOP, MARK = 46, 150, 13  # pixels
PAPERS, COMPACT_PAPERS = 18, 5  # columns that fit, with their names
LETTERS = 46  # of a title, before it goes on in a second line
_SYMBOLS = {"cited": "circle", "citing": "circle-open"}
_WORDS = {"cited": "our paper cites the work", "citing": "the work cites our paper"}


def citation_matrix(marks: pd.DataFrame, *, dark: bool = False, compact: bool = False) -> go.Figure:
    """Draw works (rows) against our papers (columns).

    Parameters
    ----------
    marks
        One row a mark: ``work`` and ``paper`` as labels, ``kind`` ``cited`` (a filled dot: our
        paper cites the work) or ``citing`` (a ring: the work cites our paper). Works and papers
        come in the order of their first mark.
    """
    if marks.empty:
        return message_figure("No work is tied to two of these papers.", Look(dark=dark))
    colours = palette(dark)
    works = list(dict.fromkeys(marks["work"]))
    ties = marks.groupby("work")["paper"].nunique()
    papers = _most_tied(marks, COMPACT_PAPERS if compact else PAPERS)
    marks = marks.loc[marks["paper"].isin(papers)]
    letters = 26 if compact else LETTERS
    figure = go.Figure()
    for kind in _SYMBOLS:
        figure.add_trace(_dots(marks.loc[marks["kind"] == kind], kind, works, papers, colours.ink))
    for row, work in enumerate(works):
        figure.add_annotation(
            xref="paper", x=1.01, xanchor="left", y=row, showarrow=False,
            text=numbered(int(ties[work]), "paper"), font={"size": 12, "color": colours.muted},
        )  # fmt: skip
    figure.update_layout(
        template=template(dark),
        height=TOP + ROW * len(works) + 40,
        margin={"l": 8, "r": 76, "t": TOP, "b": 40},
        legend={"orientation": "h", "x": 0, "y": 0, "yanchor": "top", "yref": "paper"},
        showlegend=True,
    )
    figure.update_xaxes(
        tickvals=list(range(len(papers))), ticktext=papers, side="top", tickangle=-60,
        range=[-0.6, len(papers) - 0.4], showgrid=True, zeroline=False, automargin=True,
    )  # fmt: skip
    figure.update_yaxes(
        tickvals=list(range(len(works))), ticktext=[_two_lines(w, letters) for w in works],
        range=[len(works) - 0.4, -0.6], showgrid=True, zeroline=False, automargin=True,
    )  # fmt: skip
    return figure


def _dots(
    own: pd.DataFrame, kind: str, works: list[str], papers: list[str], ink: str
) -> go.Scatter:
    """The marks of one kind, each at its work and paper."""
    return go.Scatter(
        x=[papers.index(paper) for paper in own["paper"]],
        y=[works.index(work) for work in own["work"]],
        mode="markers",
        name=_WORDS[kind],
        marker={
            "symbol": _SYMBOLS[kind],
            "size": MARK if kind == "cited" else MARK + 5,
            "color": ink,
            "line": {"width": 2, "color": ink},
        },
        customdata=own[["work", "paper"]].to_numpy(),
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
    )


def _most_tied(marks: pd.DataFrame, most: int) -> list[str]:
    """The papers with most marks, at most ``most``, in the order of their first mark."""
    counts = marks["paper"].value_counts(sort=True)
    chosen = set(counts.index[:most])
    return [paper for paper in dict.fromkeys(marks["paper"]) if paper in chosen]


def _two_lines(text: str, letters: int) -> str:
    """``text`` cut to two lines at a word's end; markup signs are text."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;")
    lines: list[str] = [""]
    for word in safe.split():
        if len(lines[-1]) + len(word) < letters or not lines[-1]:
            lines[-1] = f"{lines[-1]} {word}".strip()
        elif len(lines) == 2:
            lines[-1] += " …"
            break
        else:
            lines.append(word)
    return "<br>".join(lines)


_BOX, _STEP = 0.70, 1.0  # of a row
_LEFT, _RIGHT = (0.0, 0.46), (0.54, 1.0)


def prisma_flow(counts: Flow, *, dark: bool = False, compact: bool = False) -> go.Figure:
    """Draw what was found on the left, what fell away on the right, decisions at the foot.

    The boxes follow PRISMA 2020 (Page et al. 2021, doi:10.1136/bmj.n71).
    """
    if not counts.runs:
        return message_figure("No search has been finished yet.", Look(dark=dark))
    rows = _boxes(counts)
    colours = palette(dark)
    figure = go.Figure()
    size = 12 if compact else 14
    for number, (left, right) in enumerate(rows):
        middle = -number * _STEP
        for span, text in ((_LEFT, left), (_RIGHT, right)):
            if text is None:
                continue
            figure.add_shape(
                type="rect", x0=span[0], x1=span[1], y0=middle - _BOX / 2, y1=middle + _BOX / 2,
                line={"color": colours.muted, "width": 1}, fillcolor="rgba(0,0,0,0)",
            )  # fmt: skip
            figure.add_annotation(
                x=sum(span) / 2, y=middle, text=text, showarrow=False,
                font={"size": size, "color": colours.ink},
            )  # fmt: skip
        if right is not None:
            _arrow(figure, _LEFT[1], middle, _RIGHT[0], middle, colours.muted)
        if number:
            x = sum(_LEFT) / 2
            top = middle + _STEP - _BOX / 2
            _arrow(figure, x, top, x, middle + _BOX / 2, colours.muted)
    figure.update_layout(
        template=template(dark),
        height=115 * len(rows),
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        showlegend=False,
    )
    figure.update_xaxes(visible=False, range=[-0.01, 1.01], fixedrange=True)
    figure.update_yaxes(visible=False, range=[-(len(rows) - 1) * _STEP - 0.5, 0.5], fixedrange=True)
    return figure


def _boxes(counts: Flow) -> tuple[tuple[str, str | None], ...]:
    """The texts of each row: what goes on, and what falls away."""
    return (
        (_box("Records found", counts.found), None),
        (
            _box("Records that are new", counts.queued),
            _box("Fell away by machine", counts.found - counts.queued)
            + f"<br>{tables.count(counts.repeated + counts.known)} found before or twice"
            f"<br>{tables.count(counts.in_base)} in the base already",
        ),
        (
            _box("Decided by a person", counts.queued - counts.waiting),
            _box("Waiting for a decision", counts.waiting),
        ),
        (
            _box("To be included", counts.included),
            _box("Excluded", counts.excluded) + f"<br>{tables.count(counts.unsure)} unsure",
        ),
    )


def _box(text: str, count: int) -> str:
    return f"{text}<br><b>{tables.count(count)}</b>"


def _arrow(figure: go.Figure, x0: float, y0: float, x1: float, y1: float, colour: str) -> None:
    figure.add_annotation(
        x=x1, y=y1, ax=x0, ay=y0, xref="x", yref="y", axref="x", ayref="y", text="",
        showarrow=True, arrowhead=2, arrowwidth=1.5, arrowcolor=colour,
    )  # fmt: skip
