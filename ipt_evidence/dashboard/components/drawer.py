"""A popover whose content is made when somebody opens it.

What nobody looks at costs as much as what everybody sees: a dozen hidden choices are a third of the
work of a click. The choices themselves keep their values while they are not drawn, see
`address.unseen`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

__all__ = ["drawer"]


@contextmanager
def drawer(label: str, *, key: str, icon: str | None = None) -> Iterator[bool]:
    """Open a popover as a context; gives True when its content is to be made."""
    popover = st.popover(label, key=key, icon=icon, on_change="rerun")
    with popover:
        yield bool(popover.open)
