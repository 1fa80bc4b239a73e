"""The Robustness page: whether a conclusion survives other choices, other trials, another order.

The sentence stands on top; below it one panel at a time is open, and only that one is computed.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ipt_evidence.analyses.fragility import panel as words
from ipt_evidence.analyses.fragility.result import fragility_of
from ipt_evidence.analyses.lessons import LESSONS
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import address, controls
from ipt_evidence.dashboard.components.analysis import show_analysis
from ipt_evidence.dashboard.components.controls import choose_smallest_effect
from ipt_evidence.dashboard.components.live import live
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.robustness import influence, multiverse
from ipt_evidence.evidence.view import View, estimate_of

__all__ = ["render"]


def _glance(view: View, worth: float) -> None:
    st.header("How far does the effect move?", anchor=False)
    if estimate_of(session.evidence(), view).k < 2:
        st.markdown("There is one trial, so nothing can be left out or added.")
    else:
        show_analysis("fragility", view, lead=False, worth=worth)


def _subsets(view: View, worth: float) -> None:
    st.header("What if other trials had been done?", anchor=False)
    show_analysis("gosh", view)


PANELS: dict[str, tuple[str, Callable[[View, float], None]]] = {
    "glance": ("All at a glance", _glance),
    "multiverse": ("The choices", multiverse.show),
    "gosh": ("The selection of trials", _subsets),
    "influence": ("One trial at a time", influence.show),
    "cumulative": ("The years", influence.cumulation),
}
NOTHING = (
    "Nothing could be pooled for this question, so there is no conclusion to test. The "
    "Condition page says what was found and why it is not used."
)
WHY = (
    "A number in the literature is one of many that could have been printed: other outcomes, other "
    "trials, another model. This page runs the others, so that you see how much depends on them."
)


def render() -> None:
    """The question, what its answer depends on, and one panel of it."""
    base = session.evidence()
    with st.container(horizontal=True, vertical_alignment="top", key="question"):
        condition = controls.choose_condition(base.taxonomy)
        comparison = controls.choose_comparison(base.taxonomy, condition)
    with st.container(horizontal=True, vertical_alignment="bottom", key="choices"):
        question = controls.choose_trials(condition, comparison)
        model = controls.choose_model()
        controls.leave_out_conditions(condition, comparison)
        worth = choose_smallest_effect()
    view = View(question, model)
    with st.container(key="answer"):
        st.title(escape(words.title(base, condition, comparison)), anchor=False)
        place = st.empty()
    st.caption(WHY)
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    navigation.link("condition", "Back to the answer itself", ":material/insights:", **query)
    navigation.link("learn", LESSONS["trials"].title, ":material/school:", topic="trials")
    if estimate_of(base, view).pooled is None:
        place.markdown(escape(NOTHING))
        return
    if not live("multiverse", words.work(base, view)):
        return
    found = fragility_of(base, view, worth)
    place.markdown(escape(words.fragility_sentence(found, comparison)))
    ids = list(PANELS)
    panel = address.one_of(
        st.segmented_control,
        "What to look at",
        ids,
        key="panel",
        default=ids[0],
        format_func=lambda name: PANELS[name][0],
        required=True,
    )
    with st.container(key=f"panel-{panel}"):
        PANELS[str(panel)][1](view, worth)
