"""Popovers: for buttons, made when somebody opens them; for choices, always there.

What nobody looks at costs as much as what everybody sees, so buttons behind a popover are made when
it is opened. Choices are not: closing the popover would then be an event of its own, and one that
comes while the page still works on a choice can take the choice back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

__all__ = ["choices", "drawer"]


@contextmanager
def drawer(label: str, *, key: str, icon: str | None = None) -> Iterator[bool]:
    """Open a popover as a context; gives True when its content is to be made."""
    popover = st.popover(label, key=key, icon=icon, on_change="rerun")
    with popover:
        yield bool(popover.open)


@contextmanager
def choices(label: str, *, key: str, icon: str | None = None) -> Iterator[None]:
    """A popover of choices as a context; its content is always made."""
    with st.popover(label, key=key, icon=icon):
        yield
