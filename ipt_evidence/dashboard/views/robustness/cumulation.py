"""Panel: how the answer came about, trial by trial over the years."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ipt_evidence.analyses.influence import panel as words
from ipt_evidence.analyses.influence.figure import partial_plot
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.robustness.influence import pooled_alone
from ipt_evidence.dashboard.views.robustness.shared import Asked
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View
from ipt_evidence.meta_analysis.influence import PartialPool, cumulative

__all__ = ["show"]


def _parts(base: EvidenceBase, asked: Asked) -> tuple[PartialPool, ...]:
    trials, model = asked.answer.trials, asked.model
    years = trials["year"].astype("float64")
    return cumulative(
        trials["yi"].to_numpy(float),
        trials["vi"].to_numpy(float),
        # A trial without a year comes last: nobody can say that it was early.
        years.fillna(np.inf).to_numpy(float),
        method=model.method,
        test=model.test,
        level=model.level,
    )


def show(view: View, worth: float) -> None:
    """The pooled effect after each further trial."""
    asked = Asked(view)
    st.header("How did the answer come about?", anchor=False)
    if asked.answer.k < 2:
        st.markdown("There is one trial, so nothing has been added to it yet.")
        return
    look = session.is_dark(), session.is_narrow()
    figure, said, frame = session.recall(_figure, asked, *look)
    st.markdown(escape(said))
    show_figure(
        figure,
        key="cumulative",
        name=f"{asked.stem}-cumulative",
        alt=said,
        table=frame,
        how_to_read=words.HOW_TO_READ_CUMULATIVE,
    )


def _figure(
    base: EvidenceBase, asked: Asked, dark: bool, compact: bool
) -> tuple[go.Figure, str, pd.DataFrame]:
    parts = _parts(base, asked)
    frame = words.partial_frame(parts, asked.labels)
    years = [asked.answer.trials["year"].iloc[part.position] for part in parts]
    alone = session.recall(pooled_alone, asked)
    figure = partial_plot(
        frame,
        pooled=alone.estimate,
        lower=alone.ci_lower,
        upper=alone.ci_upper,
        heading="Up to",
        condition=asked.top,
        dark=dark,
        compact=compact,
    )
    return figure, words.cumulative_sentence(frame, years), frame
