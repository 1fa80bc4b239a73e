"""Panel: every other way to have analysed the same question."""

from __future__ import annotations

from functools import partial
from typing import cast

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ipt_evidence.analyses.multiverse import panel as words
from ipt_evidence.analyses.multiverse.addressing import address_of
from ipt_evidence.analyses.multiverse.figure import specification_curve
from ipt_evidence.analyses.multiverse.importance import importance
from ipt_evidence.analyses.multiverse.names import LABEL_NAMES, specification_words
from ipt_evidence.analyses.multiverse.result import STANDINGS, Curve
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.robustness.shared import Asked, Same
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.wording import tables

__all__ = ["show"]

CHART = "curve"
OWN_PAGE = ("panel", "show", "subsets", "size", "colour")  # what only this page's address holds


def show(asked: Asked, curve: Curve) -> None:
    """The shares, the curve with its choices, what matters most, and one analysis in full."""
    st.header("The same question, analysed in every reasonable way", anchor=False)
    kinds = session.recall(_Kinds, Same(curve))
    st.markdown(escape(kinds.said))
    if not len(curve):
        return
    chosen = _labels(kinds)
    drawn = session.recall(
        _Drawn, Same(curve), asked, chosen, session.is_dark(), session.is_narrow()
    )
    show_figure(
        drawn.figure,
        key=CHART,
        name=f"{asked.stem}-specification-curve",
        alt=drawn.twin,
        table=drawn.table,
        on_select=partial(_pick_clicked, _slot(asked)),
        how_to_read=words.HOW_TO_READ,
    )
    if asked.answer.k > 2:
        _importance(asked, drawn)
    _rows(asked, drawn)
    _picked(curve, st.session_state.get(_slot(asked)))


def _slot(asked: Asked) -> str:
    """Where the session keeps which analysis of this very question is open."""
    return f"analysis:{hash(asked)}"


def _labels(kinds: _Kinds) -> tuple[str, ...]:
    """Which analyses are drawn (``?show=``): those that may decide, unless the reader wants all."""
    shown = address.one_of(
        st.segmented_control,
        "Analyses shown",
        kinds.there,
        key="show",
        default=kinds.usual[0],
        format_func=kinds.names.__getitem__,
        required=True,
    )
    with st.expander("What the labels mean, and what each kind says", icon=":material/label:"):
        for name in STANDINGS:
            st.markdown(
                f"**{LABEL_NAMES[name]}.** {escape(words.LABELS_EXPLAINED[name])} "
                f"{escape(kinds.shares[name])}"
            )
        st.caption(
            "The labels follow the idea of Del Giudice & Gangestad (2021, *Advances in Methods and "
            "Practices in Psychological Science*). Which option gets which label is ours."
        )
    return tuple(kinds.there[: kinds.there.index(str(shown)) + 1])


class _Kinds:
    """What each label holds and says, made once."""

    def __init__(self, base: EvidenceBase, key: Same) -> None:
        curve = cast(Curve, key.result)
        self.said = words.curve_sentence(curve)
        self.shares = {
            name: words.share_sentence(name, curve.share(curve.among((name,))))
            for name in STANDINGS
        }
        counts = {name: int(curve.among((name,)).sum()) for name in STANDINGS}
        self.there = [name for name in STANDINGS if counts[name]]
        self.usual = ([name for name in self.there if name != "non_equivalent"] or self.there)[-1:]
        self.names = {
            name: f"{'+ ' if place else 'Only '}{LABEL_NAMES[name].lower()} "
            f"({tables.count(counts[name])})"
            for place, name in enumerate(self.there)
        }


class _Drawn:
    """Everything that follows from the curve and the labels shown, made once."""

    def __init__(
        self,
        base: EvidenceBase,
        key: Same,
        asked: Asked,
        chosen: tuple[str, ...],
        dark: bool,
        compact: bool,
    ) -> None:
        curve = cast(Curve, key.result)
        mask = curve.among(chosen)
        points = words.curve_points(curve, mask)
        self.figure: go.Figure = specification_curve(
            points,
            words.choice_rows(curve, mask),
            worthwhile=asked.bound,
            condition=asked.top,
            dark=dark,
            compact=compact,
        )
        self.table: pd.DataFrame = (
            points.sort_values("x").drop(columns=["place", "words"]).round(4).reset_index(drop=True)
        )
        self.twin = words.curve_twin(curve, mask)
        self.matters = words.importance_sentence(importance(curve, mask))
        self.importance = words.importance_table(curve, mask)
        self.sample, self.places = words.sample_table(curve, mask)


def _importance(asked: Asked, drawn: _Drawn) -> None:
    st.subheader("Which choice matters most?", anchor=False)
    st.markdown(escape(drawn.matters))
    if drawn.importance.empty:
        return
    with st.expander("Every choice and option", icon=":material/table_rows:"):
        st.caption(
            "Share of variance: the part of the differences between these analyses that lies "
            "between the options of one choice (eta squared). Shares need not add up to 100%, "
            "because choices act together."
        )
        show_table(drawn.importance, key="choices-table", name=f"{asked.stem}-choices")


def _rows(asked: Asked, drawn: _Drawn) -> None:
    with st.expander("Open one of the analyses", icon=":material/list:"):
        st.caption("Evenly spaced along the curve. A click on a dot of the figure opens any other.")
        opened = show_table(
            drawn.sample, key="analyses", name=f"{asked.stem}-analyses", ids=drawn.places
        )
    if opened is not None:
        st.session_state[_slot(asked)] = int(opened)


def _pick_clicked(slot: str) -> None:
    """A click on a dot opens its analysis."""
    for point in st.session_state[CHART].selection.points:
        data = point.get("customdata")
        place = data[0] if isinstance(data, list | tuple) else data
        if place is not None:
            st.session_state[slot] = int(place)


def _picked(curve: Curve, place: object) -> None:
    if not isinstance(place, int) or not 0 <= place < len(curve):
        return
    with st.container(border=True, key="analysis"):
        numbers = tables.estimate_with_interval(
            curve.estimate[place], curve.ci_lower[place], curve.ci_upper[place]
        )
        label = LABEL_NAMES[STANDINGS[curve.standing[place]]]
        trials = tables.count(int(curve.k[place]))
        st.subheader(f"g {escape(numbers)}", anchor=False)
        st.markdown(f"**{label}** analysis of {trials} trials.")
        differs = specification_words(curve, place)
        lines = [f"- {escape(name)}: **{escape(option)}**" for name, option in differs]
        st.markdown("\n".join(lines) or "It differs in nothing from this page.")
        reasons = "; ".join(curve.reasons(place))
        if reasons:
            st.markdown(f"Why it has this label: {escape(reasons)}.")
        current = {name: st.query_params.get_all(name) for name in st.query_params}
        where = address_of(curve, place, current)
        if where.missing:
            st.caption(
                "The Condition page cannot show this analysis, because it has no control for "
                f"{escape(', '.join(where.missing))}."
            )
        else:
            query = {name: t for name, t in where.query.items() if name not in OWN_PAGE}
            label = "Open this analysis on the Condition page"
            navigation.link("condition", label, ":material/insights:", **query)
