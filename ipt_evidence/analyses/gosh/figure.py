"""GOSH: how often subsets of the trials give which effect and which I², as a picture of cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from ipt_evidence.analyses.gosh.panel import NOBODY, USUAL_SIZE
from ipt_evidence.analyses.gosh.result import METHODS, pooled_subsets
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.figures import lettering
from ipt_evidence.figures.columns import FAVOURS_COMPARISON, FAVOURS_IPT
from ipt_evidence.figures.drawing import Drawing, message_figure
from ipt_evidence.figures.look import USUAL, Look
from ipt_evidence.figures.template import tint
from ipt_evidence.meta_analysis.gosh import GoshPicture, gosh_picture
from ipt_evidence.wording import tables

__all__ = ["figure", "gosh_plot"]

HEIGHT, COMPACT_HEIGHT = 520, 470
PLOT, MARGINAL = (0.0, 0.72), (0.76, 1.0)  # shares of the height
WITH, WITHOUT = ("#1D5B79", "#8CC4DE"), ("#98600F", "#E9A868")  # light, dark
NOTHING = "Fewer than two trials: there is no subset to pool."


@cached
def figure(
    base: EvidenceBase,
    view: View,
    look: Look,
    subsets: str = METHODS[0],
    size: str = USUAL_SIZE,
    colour: str = NOBODY,
) -> go.Figure:
    """The subsets of the trials of ``view``; the other arguments as `panel.panel`."""
    answer = estimate_of(base, view)
    found = pooled_subsets(base, view, subsets, int(size)).gosh
    studies = [str(study) for study in answer.trials["study_id"]]
    position = studies.index(colour) if colour in studies else None
    return gosh_plot(
        gosh_picture(found, position),
        label=None if position is None else str(answer.trials["label"].iloc[position]),
        pooled=None if answer.pooled is None else answer.pooled.estimate,
        look=look,
    )


def gosh_plot(
    picture: GoshPicture,
    *,
    label: str | None = None,
    pooled: float | None = None,
    look: Look = USUAL,
) -> go.Figure:
    """Draw subsets by estimate and I², darker where there are more, with a curve of the estimates.

    Parameters
    ----------
    picture
        The subsets counted in cells.
    label
        Name of the study chosen: subsets with it and without it get colours of their own.
    pooled
        The pooled effect of all trials, marked by a line.
    look
        The reader's theme and screen.
    """
    if not picture.subsets:
        return message_figure(NOTHING, look)
    drawing = Drawing(look, _frame(picture, look))
    blue, brown = WITH[look.dark], WITHOUT[look.dark]
    groups = [(picture.without_study, brown if label else blue, "without" if label else "subsets")]
    if label:
        groups.append((picture.with_study, blue, "with"))
    most = max(int(counts.max()) for counts, _, _ in groups)
    for counts, colour, name in groups:
        _cells(drawing, picture, counts, colour, name, most, label)
    peak = max(float(counts.sum(axis=0).max()) for counts, _, _ in groups)
    for counts, colour, name in groups:
        _curve(drawing, picture, counts.sum(axis=0) / peak, colour, name)
    if pooled is not None:
        drawing.shape(
            type="line", x0=pooled, x1=pooled, y0=0, y1=MARGINAL[1], yref="paper",
            line={"color": look.colours.ink, "width": 1.2, "dash": "dot"}, name="all trials",
        )  # fmt: skip
        drawing.write(
            f"all trials: {tables.effect(pooled)}", 12, look.colours.ink, x=pooled, xref="x", y=1,
            yanchor="bottom", name="all trials",
        )  # fmt: skip
    if label:
        _key(drawing, label, blue, brown)
    for text, x, anchor in ((FAVOURS_COMPARISON, 0, "left"), (FAVOURS_IPT, 1, "right")):
        drawing.write(
            text, 12, look.colours.ink, x=x, xanchor=anchor, y=0, yanchor="top", yshift=-28,
            name="direction",
        )  # fmt: skip
    return drawing.figure()


def _frame(picture: GoshPicture, look: Look) -> dict[str, Any]:
    step = float(np.diff(picture.estimate[:2])[0])
    low, high = float(picture.estimate[0]) - step, float(picture.estimate[-1]) + step
    # No effect is always to be seen: a picture that leaves it out hides how far off it is.
    low, high = min(low, -0.05), max(high, 0.05)
    return {
        "height": COMPACT_HEIGHT if look.compact else HEIGHT,
        "margin": {"l": 62, "r": 18, "t": 46 if look.compact else 34, "b": 66, "pad": 0},
        "xaxis": {
            "range": [low, high],
            "title": {"text": "Hedges g of the subset", "standoff": 26},
            "zeroline": True,
            "zerolinecolor": look.colours.rule,
            "zerolinewidth": 1.4,
            "showgrid": False,
            "showline": True,
            "ticks": "outside",
            "nticks": 6 if look.compact else 9,
            "tickformat": ".2f",
            "fixedrange": True,
            "anchor": "y",
        },
        "yaxis": {
            "range": [-1, 101],
            "domain": list(PLOT),
            "title": {"text": "I² of the subset", "standoff": 6},
            "tickvals": [0, 25, 50, 75, 100],
            "ticktext": ["0%", "25%", "50%", "75%", "100%"],
            "fixedrange": True,
        },
        "yaxis2": {"range": [0, 1.06], "domain": list(MARGINAL), "visible": False,
                   "fixedrange": True},
    }  # fmt: skip


def _cells(
    drawing: Drawing,
    picture: GoshPicture,
    counts: npt.NDArray[np.int64],
    colour: str,
    name: str,
    most: int,
    label: str | None,
) -> None:
    """Cells in one colour, fading out where there are few subsets; few is still to be seen."""
    shown = np.where(counts > 0, np.log1p(counts) / np.log1p(most), np.nan)
    whose = {"with": f" with {label}", "without": f" without {label}"}.get(name, "")
    drawing.traces.append(
        {
            "type": "heatmap",
            "x": picture.estimate.tolist(),
            "y": picture.i2.tolist(),
            "z": np.round(shown, 3).tolist(),
            "customdata": counts.tolist(),
            "zmin": 0,
            "zmax": 1,
            "zsmooth": False,
            "showscale": False,
            "colorscale": [[0, tint(colour, 0.1)], [1, tint(colour, 0.95)]],
            "hovertemplate": "g about %{x:.2f}, I² about %{y:.0f}%<br>%{customdata:,} subsets"
            f"{lettering.escape(whose)}<extra></extra>",
            "hoverongaps": False,
            "name": name,
        }
    )


def _curve(
    drawing: Drawing, picture: GoshPicture, share: npt.NDArray[np.float64], colour: str, name: str
) -> None:
    drawing.scatter(
        x=picture.estimate.tolist(),
        y=np.round(share, 4).tolist(),
        yaxis="y2",
        mode="lines",
        line={"color": colour, "width": 1.8, "shape": "spline", "smoothing": 0.6},
        fill="tozeroy",
        fillcolor=tint(colour, 0.14),
        hoverinfo="skip",
        name=f"{name} curve",
    )


def _key(drawing: Drawing, label: str, blue: str, brown: str) -> None:
    """Say in the colours of the cells which are which."""
    compact = drawing.look.compact
    shown = lettering.escape(lettering.shorten(label, 150 if compact else 260, 12))
    for text, colour, x, anchor in (
        (f"■ subsets with {shown}", blue, 1.0, "right"),
        ("■ subsets without it", brown, 0.0, "left"),
    ):
        drawing.write(
            text, 12, colour, x=x, xanchor=anchor, y=1, yanchor="bottom",
            yshift=18 if compact else 12, name="key",
        )  # fmt: skip
