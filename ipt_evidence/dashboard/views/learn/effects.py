"""The interactive parts on single effects: two distributions, and a forest plot step by step."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.analyses.clinical_units.panel import distributions_alternative
from ipt_evidence.analyses.lessons import effect_size, forest_plot
from ipt_evidence.analyses.lessons.figure import curves, guided
from ipt_evidence.analyses.lessons.lesson import (
    DEFAULT_INSTRUMENT,
    FOREST_EXAMPLE,
    example,
    example_conditions,
    instruments,
)
from ipt_evidence.analyses.panel import Panel
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.learn.shared import condition_label, draw
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View

__all__ = ["effect", "forest"]


def effect() -> None:
    """Two groups as curves, g apart, and g in numbers that people count in."""
    base = session.evidence()
    source = _live()
    pooled = None if source == effect_size.OWN else example(base, source).pooled
    start = pooled or example(base, example_conditions(base)[0]).pooled
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
    picture = st.container()
    units = effect_size.units(shown, instruments(base)[_instrument()])
    spread = (shown.g, shown.lower, shown.upper)
    look = session.look(None if shown.lower is None else View(Question(source)))
    alternative = distributions_alternative(*spread, units[1].value, units[0].value)
    with picture:
        draw(
            "curves",
            curves(base, *spread, look),
            Panel((), text_alternative=alternative, how_to_read=effect_size.HOW_TO_READ),
        )
    with st.grid(3, min_column_width=240, gap="small", key="units"):
        for unit in units:
            with st.container(border=True, height="stretch"):
                st.markdown(f"**{escape(unit.name)}**")
                st.markdown(f"#### {escape(unit.value)}")
                st.caption(f"{escape(unit.meaning)} {unit.source}")


def _live() -> str:
    """The condition whose estimate is shown, or the reader's own number."""
    conditions = example_conditions(session.evidence())
    return str(
        address.one_of(
            st.pills,
            "Show the live estimate for",
            [*conditions, effect_size.OWN],
            key="live",
            default=conditions[0],
            format_func=lambda c: (
                "My own number" if c == effect_size.OWN else escape(condition_label(c))
            ),
            required=True,
            wrap=True,
            on_change=_follow_live,
        )
    )


def _instrument() -> str:
    known = instruments(session.evidence())
    return str(
        address.one_of(
            st.selectbox,
            "Questionnaire for the difference in points",
            list(known),
            key="instrument",
            default=DEFAULT_INSTRUMENT,
            format_func=lambda i: known[i].label,
        )
    )


def _follow_live() -> None:
    """A live estimate was chosen: the slider goes there."""
    source = st.session_state["live"]
    pooled = (
        None if source in (None, effect_size.OWN) else example(session.evidence(), source).pooled
    )
    if pooled is not None:
        st.session_state["g"] = effect_size.on_slider(pooled)


def _own_number() -> None:
    """The slider was moved: the number is the reader's own."""
    st.session_state["live"] = effect_size.OWN


def forest() -> None:
    """A forest plot of live trials in which each step sets off one kind of mark."""
    base = session.evidence()
    steps = {step.id: step for step in forest_plot.steps(example(base, FOREST_EXAMPLE))}
    panel = forest_plot.panel(base)
    if not panel.drawn:
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
    look = session.look(View(Question(FOREST_EXAMPLE)))
    draw("guided", guided(base, step.focus, look), panel)
    navigation.link(
        "condition",
        "Open these trials on the Condition page",
        ":material/insights:",
        condition=FOREST_EXAMPLE,
    )


def _step_button(label: str, icon: str, step: str | None) -> None:
    st.button(label, icon=icon, on_click=_go_to, args=(step,), disabled=step is None)


def _go_to(step: str) -> None:
    st.session_state["step"] = step
