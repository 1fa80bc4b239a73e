"""Panel: what each single trial does."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ipt_evidence.analyses.influence import panel as words
from ipt_evidence.analyses.influence.figure import baujat_plot, partial_plot
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.robustness.shared import Asked
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View
from ipt_evidence.meta_analysis.influence import (
    PartialPool,
    StudyInfluence,
    influence,
    leave_one_out,
)
from ipt_evidence.meta_analysis.models import PooledEffect, pool

__all__ = ["pooled_alone", "show"]


def show(view: View, worth: float) -> None:
    """Baujat's plot with all diagnostics, and the effect without each trial in turn."""
    asked = Asked(view)
    st.header("What does each single trial do?", anchor=False)
    if asked.answer.k < 2:
        st.markdown("There is one trial: the conclusion is that trial's.")
        return
    if asked.answer.k >= 3:
        _baujat(asked)
    else:
        st.markdown("With two trials influence cannot be told: without either, one is left.")
    _left_out(asked)


def pooled_alone(base: EvidenceBase, asked: Asked) -> PooledEffect:
    """The trials pooled one effect each, also where the page models all outcomes together."""
    trials, model = asked.answer.trials, asked.model
    return pool(
        trials["yi"].to_numpy(float),
        trials["vi"].to_numpy(float),
        method=model.method,
        test=model.test,
        level=model.level,
    )


def _influence(base: EvidenceBase, asked: Asked) -> tuple[StudyInfluence, ...]:
    trials = asked.answer.trials
    yi, vi = (trials[name].to_numpy(float) for name in ("yi", "vi"))
    return influence(yi, vi, method=asked.model.method)


def _parts(base: EvidenceBase, asked: Asked) -> tuple[PartialPool, ...]:
    trials, model = asked.answer.trials, asked.model
    return leave_one_out(
        trials["yi"].to_numpy(float),
        trials["vi"].to_numpy(float),
        method=model.method,
        test=model.test,
        level=model.level,
    )


def _baujat(asked: Asked) -> None:
    found = session.recall(_influence, asked)
    frame = words.influence_frame(found, asked.answer.trials)
    st.markdown(escape(words.influence_sentence(frame)))
    show_figure(
        baujat_plot(
            frame, condition=asked.top, dark=session.is_dark(), compact=session.is_narrow()
        ),
        key="baujat",
        name=f"{asked.stem}-influence",
        alt=f"Influence of {len(frame)} trials. {words.influence_sentence(frame)}",
        table=frame.drop(columns="study_id"),
        on_select=_open_clicked,
        how_to_read=words.HOW_TO_READ_BAUJAT,
    )
    if study := st.session_state.pop("baujat-study", None):
        navigation.go("condition", condition=str(asked.question.condition),
                      comparison=str(asked.question.comparison), study=str(study))  # fmt: skip
    with st.expander("All diagnostics", icon=":material/table_rows:"):
        show_table(
            words.influence_table(found, asked.labels),
            key="influence-table",
            name=f"{asked.stem}-influence-diagnostics",
        )


def _open_clicked() -> None:
    """A click on a trial opens it on the Condition page."""
    for point in st.session_state["baujat"].selection.points:
        data = point.get("customdata")
        study = data[0] if isinstance(data, list | tuple) else data
        if study:
            st.session_state["baujat-study"] = study


def _left_out(asked: Asked) -> None:
    st.subheader("Without one trial", anchor=False)
    look = session.is_dark(), session.is_narrow()
    figure, said, frame = session.recall(_left_out_figure, asked, *look)
    st.markdown(escape(said))
    show_figure(
        figure,
        key="left-out-one",
        name=f"{asked.stem}-leave-one-out",
        alt=said,
        table=frame,
        how_to_read=words.HOW_TO_READ_LEFT_OUT,
    )


def _left_out_figure(
    base: EvidenceBase, asked: Asked, dark: bool, compact: bool
) -> tuple[go.Figure, str, pd.DataFrame]:
    alone = session.recall(pooled_alone, asked)
    frame = words.partial_frame(_parts(base, asked), asked.labels)
    frame = frame.sort_values("estimate", kind="stable").reset_index(drop=True)
    figure = partial_plot(
        frame,
        pooled=alone.estimate,
        lower=alone.ci_lower,
        upper=alone.ci_upper,
        heading="Without",
        condition=asked.top,
        dark=dark,
        compact=compact,
    )
    return figure, words.left_out_sentence(frame, alone.ci_lower, alone.ci_upper), frame
