"""Each psychotherapy against control in rows, IPT marked."""

from __future__ import annotations

import plotly.graph_objects as go

from ipt_evidence.analyses.therapies.panel import rows
from ipt_evidence.analyses.therapies.result import LEAST, beside
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View
from ipt_evidence.figures.look import Look
from ipt_evidence.figures.rows import estimate_rows

__all__ = ["figure"]

KEY = "Ring and band: IPT. An indirect comparison: no trial randomised people between these rows."


@cached
def figure(base: EvidenceBase, view: View, look: Look, therapy: str = "") -> go.Figure:
    """The pooled effect of each therapy against control; ``therapy`` changes only the list."""
    found = beside(base, view)
    ipt = found.ipt
    return estimate_rows(
        rows(found),
        None if ipt is None or ipt.k < LEAST else ipt.pooled,
        empty="No therapy with a result to draw.",
        label_heading="Therapy, against control",
        key=KEY,
        bandless=True,
        directions=("← favours control", "favours the therapy →"),
        look=look,
    )
