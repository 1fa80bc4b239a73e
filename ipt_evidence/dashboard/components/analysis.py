"""An analysis on a page: its options, its words, its figure with table and files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, Literal

import streamlit as st

from ipt_evidence.analyses.panel import Detail, Number, Option, Panel
from ipt_evidence.analyses.registry import analysis
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.components.live import live
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.components.trial import clicked
from ipt_evidence.evidence.view import View

__all__ = ["choose", "draw_analysis", "show_analysis", "show_detail", "stem"]


def show_analysis(name: str, view: View, *, lead: bool = True, **given: Any) -> None:
    """Show the analysis ``name`` of ``view``; what the reader chooses stands in the address.

    Parameters
    ----------
    name : id of `registry.ANALYSES`.
    view : what is looked at.
    lead : False where the page has said the first sentences already.
    given : values of options, by their id, that the page has asked for itself.
    """
    base, shown = session.evidence(), analysis(name)
    offered = [option for option in shown.options(base, view) if option.id not in given]
    chosen = given | _choices(name, offered)
    work = shown.work(base, view, **chosen)
    if work is not None and not live(name, work):
        return
    panel = shown.panel(base, view, **chosen)
    for text in panel.sentences if lead else ():
        st.markdown(escape(text))
    if panel.drawn:
        on_select = partial(clicked, name) if shown.opens_trials else None
        draw_analysis(name, view, panel, chosen, on_select)
    elif len(panel.table):
        show_table(panel.table, key=name, name=f"{stem(view)}-{name}")
    for detail in panel.details:
        show_detail(detail, view, download=not (panel.drawn and detail.table is panel.table))
    if panel.note:
        st.caption(escape(panel.note))


def stem(view: View) -> str:
    """Stem of the names of files about ``view``."""
    return f"ipt-{view.question.condition}-{view.question.comparison}"


def draw_analysis(
    name: str,
    view: View,
    panel: Panel,
    chosen: dict[str, Any],
    on_select: Callable[[], None] | None = None,
) -> None:
    """Show the figure of an analysis with its table, files and how to read it."""
    show_figure(
        analysis(name).figure(session.evidence(), view, session.look(view), **chosen),
        key=name,
        name=f"{stem(view)}-{name}",
        alt=panel.text_alternative,
        table=panel.table,
        on_select=on_select,
        how_to_read=panel.how_to_read,
    )


def show_detail(detail: Detail, view: View, *, download: bool = True) -> str | None:
    """Show what stands below a figure; the id of the row that was opened by this very click.

    ``download`` is False where the figure offers the same table.
    """
    if detail.heading:
        st.subheader(detail.heading, anchor=False)
    if detail.sentence:
        st.markdown(escape(detail.sentence))
    if not len(detail.table.columns):
        return None
    icon = ":material/list:" if detail.rows else ":material/table_rows:"
    place = st.expander(detail.fold, icon=icon) if detail.fold else nullcontext()
    links = {name: st.column_config.LinkColumn(display_text="Open") for name in detail.links}
    with place:
        if detail.note:
            st.caption(escape(detail.note))
        return show_table(
            detail.table,
            key=detail.id,
            name=f"{stem(view)}-{detail.id}",
            column_config=links,
            caption=detail.heading,
            ids=detail.rows or None,
            download=download,
        )


def _choices(name: str, options: Sequence[Option | Number]) -> dict[str, Any]:
    """What the reader chooses: several choices stand in a row."""
    if len(options) < 2:
        return {option.id: choose(option) for option in options}
    titled = any(isinstance(option, Option) and option.titled for option in options)
    edge: Literal["bottom", "center"] = "bottom" if titled else "center"
    with st.container(horizontal=True, vertical_alignment=edge, key=f"{name}-controls"):
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
    widget: Any = st.selectbox if option.listed else side
    side_by_side: dict[str, Any] = {} if option.listed else {"required": True, "wrap": True}
    return address.one_of(
        widget,
        option.label,
        list(labels),
        key=option.id,
        default=option.default[0] if option.default else next(iter(labels)),
        format_func=labels.__getitem__,
        label_visibility="visible" if labelled or option.titled else "collapsed",
        help=option.help or None,
        **side_by_side,
    )


def _several(option: Option) -> tuple[str, ...]:
    if not option.narrow and session.is_narrow():
        return option.default
    if len(option.choices) > 1:
        return address.several_of(
            st.pills,
            option.label,
            list(option.choices),
            key=option.id,
            default=option.default,
            help=option.help or None,
            format_func=option.choices.__getitem__,
            selection_mode="multi",
        )
    [only] = option.choices
    on = address.switch(option.label, key=option.id, help=option.help or None)
    return (only,) if on else ()
