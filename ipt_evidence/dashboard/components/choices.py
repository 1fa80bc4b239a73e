"""Popovers of choices, which are made when somebody opens them.

What nobody looks at costs as much as what everybody sees: a dozen hidden choices are a third of the
work of a click. They keep their values while they are not drawn, see `address.unseen`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from ipt_evidence.dashboard.components import address

__all__ = ["choices"]

Widget = Callable[..., Any]


@contextmanager
def choices(
    label: str, *, key: str, icon: str | None = None
) -> Iterator[Callable[[Widget], Widget]]:
    """A popover of choices as a context; gives what makes of a widget the one to ask with now."""
    popover = st.popover(label, key=key, icon=icon, on_change=address.by_reader)
    with popover:
        is_open = bool(popover.open)
        yield lambda widget: widget if is_open else address.unseen
