"""The Robustness page: whether a conclusion survives other choices, other trials, another order.

The sentence stands on top; below it one panel at a time is open, and only that one is computed.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ipt_evidence.analyses.fragility.panel import fragility_sentence
from ipt_evidence.analyses.multiverse.names import title
from ipt_evidence.analyses.multiverse.result import Curve
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import address, controls
from ipt_evidence.dashboard.components.live import live
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.components.worthwhile import choose_worthwhile
from ipt_evidence.dashboard.views.robustness import (
    glance,
    influence,
    multiverse,
    subsets,
)
from ipt_evidence.dashboard.views.robustness.shared import Asked, Same, curve_of, fragile

__all__ = ["render"]

PANELS: dict[str, tuple[str, Callable[[Asked, Curve], None]]] = {
    "glance": ("All at a glance", glance.show),
    "multiverse": ("The choices", multiverse.show),
    "gosh": ("The selection of trials", subsets.show),
    "influence": ("One trial at a time", influence.show),
    "cumulative": ("The years", influence.cumulation),
}
NOTHING = (
    "Nothing could be pooled for this question, so there is no conclusion to test. The "
    "Condition page says what was found and why it is not used."
)
WHY = (
    "A number in the literature is one of many that could have been printed: other outcomes, other "
    "trials, another model. This page runs the others, so that you see how much hangs on them."
)


def render() -> None:
    """The question, how much its answer hangs on, and one panel of it."""
    base = session.evidence()
    with st.container(horizontal=True, vertical_alignment="bottom", key="question"):
        condition = controls.choose_condition(base.taxonomy)
        comparison = controls.choose_comparison(base.taxonomy)
    with st.container(horizontal=True, vertical_alignment="bottom", key="choices"):
        question = controls.choose_trials(condition, comparison)
        model = controls.choose_model()
        bound = choose_worthwhile()
    answer = session.answer(question, model)
    asked = Asked(question, model, bound, answer)
    with st.container(key="answer"):
        asks = title(base, condition, comparison)
        st.title(escape(asks), anchor=False)
        place = st.empty()
    st.caption(WHY)
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    navigation.link("condition", "Back to the answer itself", ":material/insights:", **query)
    if answer.pooled is None:
        place.markdown(escape(NOTHING))
        return
    curve = live("multiverse", "Running every analysis", curve_of, question, model)
    if curve is None:
        return
    found = session.recall(fragile, asked, Same(curve))
    place.markdown(escape(fragility_sentence(found, comparison)))
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
        PANELS[str(panel)][1](asked, curve)
