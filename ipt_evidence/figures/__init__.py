"""Results as Plotly figures, one module a kind of picture.

Each figure takes a frame of the numbers it shows, positive in favour of IPT, and gives a
`plotly.graph_objects.Figure` on a transparent ground. ``dark`` chooses the colours, ``compact``
the layout for screens from 320 to some 700 pixels.
"""

from __future__ import annotations

from ipt_evidence.analyses.coverage.timeline import coverage_timeline
from ipt_evidence.analyses.forest.figure import forest_plot
from ipt_evidence.analyses.published.figure import published_comparison
from ipt_evidence.figures.intervals import condition_intervals
from ipt_evidence.figures.template import (
    CONDITION_COLOURS,
    CONDITION_COLOURS_DARK,
    EFFECT_SCALE,
    EFFECT_SCALE_DARK,
    ROB_MARKS,
    condition_colour,
    palette,
)

__all__ = [
    "CONDITION_COLOURS",
    "CONDITION_COLOURS_DARK",
    "EFFECT_SCALE",
    "EFFECT_SCALE_DARK",
    "ROB_MARKS",
    "condition_colour",
    "condition_intervals",
    "coverage_timeline",
    "forest_plot",
    "palette",
    "published_comparison",
]
