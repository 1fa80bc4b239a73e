"""What a page shows of an answer: its section, order and groups, kept in the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address

__all__ = ["choose_arms", "choose_group", "choose_kind", "choose_order", "choose_section"]


def choose_group(groups: Mapping[str, str]) -> str | None:
    """What the trials of the forest plot are grouped by (``?group=``); None for no groups."""
    ids = list(groups)
    chosen = address.one_of(
        st.selectbox,
        "Group by",
        ids,
        key="group",
        default=ids[0],
        format_func=groups.__getitem__,
        label_visibility="collapsed",
    )
    return None if chosen == ids[0] else str(chosen)


def choose_kind(kinds: Mapping[str, str]) -> str:
    """Which picture of the trials is shown (``?figure=``)."""
    return _one_of(kinds, "Picture of the trials", key="figure")


def choose_arms() -> bool:
    """Whether the forest plot shows what each arm reported (``?arms=1``)."""
    return address.switch(
        "Numbers of each arm",
        key="arms",
        help="Means with standard deviations, or people with the event, as the source gives them.",
    )


def choose_section(sections: Mapping[str, str]) -> str:
    """The section of the page that is open (``?section=``); pills on a narrow screen."""
    widget = st.pills if session.is_narrow() else st.segmented_control
    return _one_of(sections, "Section of the page", key="section", widget=widget)


def choose_order(orders: Mapping[str, str]) -> str:
    """The order of the forest plot (``?order=``)."""
    return _one_of(orders, "Order of the trials", key="order")


def _one_of(
    options: Mapping[str, str],
    label: str,
    *,
    key: str,
    widget: Callable[..., Any] = st.segmented_control,
) -> str:
    """One of a few options side by side, the first by default; ``options`` maps ids to words."""
    ids = list(options)
    chosen = address.one_of(
        widget,
        label,
        ids,
        key=key,
        default=ids[0],
        format_func=options.__getitem__,
        required=True,
        wrap=True,
        label_visibility="collapsed",
    )
    return str(chosen)
