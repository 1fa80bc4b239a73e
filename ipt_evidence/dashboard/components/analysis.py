"""An analysis on a page: its options, its words, its figure with table and files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, cast

import streamlit as st

from ipt_evidence.analyses.panel import Detail, Number, Option
from ipt_evidence.analyses.registry import analysis
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.components.trial import clicked
from ipt_evidence.evidence.view import View

__all__ = ["choose", "show_analysis"]


def show_analysis(name: str, view: View, **given: Any) -> None:
    """Show the analysis ``name`` of ``view``; what the reader chooses stands in the address.

    ``given`` holds values of options, by their id, that the page has asked for itself.
    """
    base, shown = session.evidence(), analysis(name)
    offered = [option for option in shown.options(base, view) if option.id not in given]
    chosen = given | _choices(name, offered)
    panel = shown.panel(base, view, **chosen)
    for text in panel.sentences:
        st.markdown(escape(text))
    stem = f"ipt-{view.question.condition}-{view.question.comparison}"
    if panel.drawn:
        show_figure(
            shown.figure(base, view, session.look(view), **chosen),
            key=name,
            name=f"{stem}-{name}",
            alt=panel.text_alternative,
            table=panel.table,
            on_select=partial(clicked, name) if shown.opens_trials else None,
            how_to_read=panel.how_to_read,
        )
    elif len(panel.table):
        show_table(panel.table, key=name, name=f"{stem}-{name}")
    for detail in panel.details:
        _detail(detail, stem)


def _detail(detail: Detail, stem: str) -> None:
    if detail.heading:
        st.subheader(detail.heading, anchor=False)
    if detail.sentence:
        st.markdown(escape(detail.sentence))
    if not len(detail.table.columns):
        return
    place = st.expander(detail.fold, icon=":material/table_rows:") if detail.fold else nullcontext()
    links = {name: st.column_config.LinkColumn(display_text="Open") for name in detail.links}
    with place:
        show_table(
            detail.table,
            key=detail.id,
            name=f"{stem}-{detail.id}",
            column_config=links,
            caption=detail.heading,
        )


def _choices(name: str, options: Sequence[Option | Number]) -> dict[str, Any]:
    """What the reader chooses: several choices stand in a row."""
    if len(options) < 2:
        return {option.id: choose(option) for option in options}
    with st.container(horizontal=True, vertical_alignment="center", key=f"{name}-controls"):
        return {option.id: choose(option) for option in options}


def choose(option: Option | Number, *, labelled: bool = False, pills: bool = False) -> Any:
    """The reader's choice: a number, a tuple of ids where there may be several, else one id.

    ``labelled`` writes the label above a choice of one, too; ``pills`` wrap on a narrow screen.
    """
    if isinstance(option, Number):
        return address.number(
            option.label,
            option.lowest,
            option.highest,
            key=option.id,
            default=option.default,
            step=option.step,
            format="%d" if option.step.is_integer() else "%.2f",
        )
    if option.several:
        return _several(option)
    labels = option.choices
    side: Callable[..., Any] = st.pills if pills else st.segmented_control
    widget: Callable[..., Any] = cast("Callable[..., Any]", st.selectbox) if option.listed else side
    side_by_side = {} if option.listed else {"required": True, "wrap": True}
    return address.one_of(
        widget,
        option.label,
        list(labels),
        key=option.id,
        default=option.default[0] if option.default else next(iter(labels)),
        format_func=labels.__getitem__,
        label_visibility="visible" if labelled else "collapsed",
        **side_by_side,
    )


def _several(option: Option) -> tuple[str, ...]:
    if len(option.choices) > 1:
        return address.several_of(
            st.pills,
            option.label,
            list(option.choices),
            key=option.id,
            format_func=option.choices.__getitem__,
            selection_mode="multi",
        )
    if not option.narrow and session.is_narrow():
        return ()
    [only] = option.choices
    on = address.switch(option.label, key=option.id, help=option.help or None)
    return (only,) if on else ()
