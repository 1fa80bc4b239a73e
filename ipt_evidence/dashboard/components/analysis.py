"""An analysis on a page: its options, its words, its figure with table and files."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from ipt_evidence.analyses.panel import Option
from ipt_evidence.analyses.registry import analysis
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.components.trial import clicked
from ipt_evidence.evidence.view import View

__all__ = ["show_analysis"]


def show_analysis(name: str, view: View) -> None:
    """Show the analysis ``name`` of ``view``; what the reader chooses stands in the address."""
    base, shown = session.evidence(), analysis(name)
    chosen = {option.id: _choose(option) for option in shown.options(base, view)}
    panel = shown.panel(base, view, **chosen)
    for text in panel.sentences:
        st.markdown(escape(text))
    if not panel.drawn:
        return
    question = view.question
    show_figure(
        shown.figure(base, view, session.look(view), **chosen),
        key=name,
        name=f"ipt-{question.condition}-{question.comparison}-{name}",
        alt=panel.text_alternative,
        table=panel.table,
        on_select=partial(clicked, name) if shown.opens_trials else None,
        how_to_read=panel.how_to_read,
    )


def _choose(option: Option) -> Any:
    """The reader's choice: a tuple of ids where there may be several, else one id."""
    labels = option.choices
    if option.several:
        return address.several_of(
            st.pills,
            option.label,
            list(labels),
            key=option.id,
            format_func=labels.__getitem__,
            selection_mode="multi",
        )
    return address.one_of(
        st.segmented_control,
        option.label,
        list(labels),
        key=option.id,
        default=option.default[0],
        format_func=labels.__getitem__,
        required=True,
        wrap=True,
        label_visibility="collapsed",
    )
