"""Panel: every other way to have analysed the same question."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ipt_evidence.analyses.multiverse import panel as words
from ipt_evidence.analyses.multiverse.result import curve_of
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components.analysis import choose, draw_analysis, show_detail
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.view import View

__all__ = ["show"]

CURVE = "specification-curve"
OWN_PAGE = ("panel", "show", "subsets", "size", "colour")  # what only this page's address holds


def show(view: View, worth: float) -> None:
    """The shares, the curve with its choices, what matters most, and one analysis in full."""
    st.header("The same question, analysed in every reasonable way", anchor=False)
    base = session.evidence()
    st.markdown(escape(words.curve_sentence(curve_of(base, view))))
    asked = words.options(base, view)
    if not asked:
        return
    chosen = {option.id: choose(option) for option in asked} | {"worth": worth}
    with st.expander("What the labels mean, and what each kind says", icon=":material/label:"):
        for label, meaning in words.labels_explained(base, view):
            st.markdown(f"**{label}.** {escape(meaning)}")
        st.caption(
            "The labels follow the idea of Del Giudice & Gangestad (2021, *Advances in Methods and "
            "Practices in Psychological Science*). Which option gets which label is ours."
        )
    panel = words.panel(base, view, **chosen)
    draw_analysis(CURVE, view, panel, chosen, partial(_pick_clicked, _slot(view)))
    for detail in panel.details:
        if opened := show_detail(detail, view):
            st.session_state[_slot(view)] = int(opened)
    _picked(view, st.session_state.get(_slot(view)))


def _slot(view: View) -> str:
    """Where the session keeps which analysis of this very view is open."""
    return f"analysis:{hash(view)}"


def _pick_clicked(slot: str) -> None:
    """A click on a dot opens its analysis."""
    for point in st.session_state[CURVE].selection.points:
        data = point.get("customdata")
        place = data[0] if isinstance(data, list | tuple) else data
        if place is not None:
            st.session_state[slot] = int(place)


def _picked(view: View, place: object) -> None:
    curve = curve_of(session.evidence(), view)
    if not isinstance(place, int) or not 0 <= place < len(curve):
        return
    with st.container(border=True, key="analysis"):
        one = words.described(curve, place)
        st.subheader(escape(one.effect), anchor=False)
        st.markdown(f"**{one.label}** analysis of {one.trials} trials.")
        lines = [f"- {escape(name)}: **{escape(option)}**" for name, option in one.differs]
        st.markdown("\n".join(lines) or "It differs in nothing from this page.")
        if one.reasons:
            st.markdown(f"Why it has this label: {escape(one.reasons)}.")
        current = {name: st.query_params.get_all(name) for name in st.query_params}
        where = words.address_of(curve, place, current)
        if where.missing:
            st.caption(
                "The Condition page cannot show this analysis, because it has no control for "
                f"{escape(', '.join(where.missing))}."
            )
        else:
            query = {name: t for name, t in where.query.items() if name not in OWN_PAGE}
            label = "Open this analysis on the Condition page"
            navigation.link("condition", label, ":material/insights:", **query)
