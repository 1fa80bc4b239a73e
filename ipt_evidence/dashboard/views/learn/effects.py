"""The interactive parts on single effects: two distributions, and a forest plot step by step."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ipt_evidence.analyses import how_to_read
from ipt_evidence.analyses.clinical_units.figure import two_distributions
from ipt_evidence.analyses.clinical_units.panel import distributions_alternative
from ipt_evidence.analyses.forest.panel import text_alternative
from ipt_evidence.analyses.lessons import effect_size, forest_plot, live
from ipt_evidence.analyses.lessons.guided_forest import guided_forest
from ipt_evidence.analyses.lessons.lesson import Step
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.learn.shared import (
    answer_for,
    condition_label,
    draw,
)
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.meta_analysis.models import PooledEffect
from ipt_evidence.wording import tables

__all__ = ["effect", "forest"]


def effect() -> None:
    """Two groups as curves, g apart, and g in numbers that people count in."""
    conditions = live.example_conditions(session.gap_cells())
    source = str(
        address.one_of(
            st.pills,
            "Show the live estimate for",
            [*conditions, effect_size.OWN],
            key="live",
            default=conditions[0],
            format_func=lambda c: "My own number" if c == effect_size.OWN else condition_label(c),
            required=True,
            wrap=True,
            on_change=_follow_live,
        )
    )
    pooled = None if source == effect_size.OWN else answer_for(source).pooled
    start = pooled or answer_for(conditions[0]).pooled
    g = address.number(
        "Effect size g (below 0: the comparison did better)",
        effect_size.LOWEST,
        effect_size.HIGHEST,
        key="g",
        default=effect_size.on_slider(start),
        step=effect_size.STEP,
        on_change=_own_number,
    )
    shown = effect_size.shown(g, pooled, "" if pooled is None else condition_label(source))
    st.markdown(escape(shown.words))
    picture, known = st.container(), session.recall(_rulers)
    units = effect_size.units(shown, *known[_instrument(known)])
    spread = (shown.g, shown.lower, shown.upper)
    whose = None if shown.lower is None else source
    with picture:
        draw(
            session.recall(_curves, *spread, whose, session.is_dark(), session.is_narrow()),
            "curves",
            distributions_alternative(*spread, units[1].value, units[0].value),
            how_to_read.DISTRIBUTIONS,
        )
    with st.grid(3, min_column_width=240, gap="small", key="units"):
        for unit in units:
            with st.container(border=True, height="stretch"):
                st.markdown(f"**{escape(unit.name)}**")
                st.markdown(f"#### {escape(unit.value)}")
                st.caption(unit.meaning)


def _rulers(base: EvidenceBase) -> live.Rulers:
    return live.rulers(base.instruments)


def _curves(
    _: EvidenceBase,
    g: float,
    lower: float | None,
    upper: float | None,
    condition: str | None,
    dark: bool,
    compact: bool,
) -> go.Figure:
    return two_distributions(g, lower, upper, condition=condition, dark=dark, compact=compact)


def _instrument(known: live.Rulers) -> str:
    return str(
        address.one_of(
            st.selectbox,
            "Questionnaire for the difference in points",
            list(known),
            key="instrument",
            default=live.DEFAULT_RULER,
            format_func=lambda i: known[i].label,
        )
    )


def _follow_live() -> None:
    """A live estimate was chosen: the slider goes there."""
    source = st.session_state["live"]
    pooled = None if source in (None, effect_size.OWN) else answer_for(source).pooled
    if pooled is not None:
        st.session_state["g"] = effect_size.on_slider(pooled)


def _own_number() -> None:
    """The slider was moved: the number is the reader's own."""
    st.session_state["live"] = effect_size.OWN


def forest() -> None:
    """A forest plot of live trials in which each step sets off one kind of mark."""
    answer = answer_for(live.FOREST_EXAMPLE)
    steps = {step.id: step for step in session.recall(_steps)}
    if answer.pooled is None or not steps:
        st.markdown("There are too few trials in this base to show a forest plot.")
        return
    ids = list(steps)
    chosen = str(
        address.one_of(
            st.segmented_control,
            "Step",
            ids,
            key="step",
            default=ids[0],
            format_func=lambda step: str(ids.index(step) + 1),
            required=True,
        )
    )
    step = steps[chosen]
    with st.container(border=True, key="step-text"):
        st.markdown(f"**{escape(forest_plot.heading(step, ids))}**")
        st.markdown(escape(step.text))
        before, after = forest_plot.neighbours(chosen, ids)
        with st.container(horizontal=True):
            _step_button("Back", ":material/arrow_back:", before)
            _step_button("Next step", ":material/arrow_forward:", after)
    figure, twin, table = session.recall(
        _guided, answer.pooled, step.focus, session.is_dark(), session.is_narrow()
    )
    draw(figure, "guided", twin, how_to_read.GUIDED_FOREST, table)
    navigation.link(
        "condition",
        "Open these trials on the Condition page",
        ":material/insights:",
        condition=live.FOREST_EXAMPLE,
    )


def _steps(_: EvidenceBase) -> tuple[Step, ...]:
    return forest_plot.steps(answer_for(live.FOREST_EXAMPLE))


def _guided(
    _: EvidenceBase, pooled: PooledEffect, focus: str, dark: bool, compact: bool
) -> tuple[go.Figure, str, pd.DataFrame]:
    trials = answer_for(live.FOREST_EXAMPLE).trials
    shown = trials.sort_values("label", kind="stable")
    figure = guided_forest(
        shown,
        pooled,
        focus,
        marked=str(forest_plot.example_row(trials)["study_id"]),
        condition=live.FOREST_EXAMPLE,
        dark=dark,
        compact=compact,
    )
    return figure, text_alternative(shown, pooled), tables.trials_table(shown)


def _step_button(label: str, icon: str, step: str | None) -> None:
    st.button(label, icon=icon, on_click=_go_to, args=(step,), disabled=step is None)


def _go_to(step: str) -> None:
    st.session_state["step"] = step
