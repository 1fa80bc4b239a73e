"""Back to the top of the page when it shows something else, as a new page would."""

from __future__ import annotations

import streamlit as st

__all__ = ["top_when_new"]

_component = st.components.v2.component(
    "ipt_top",
    js="""
    let last = null;
    export default function ({ data }) {
      if (last !== null && last !== data.shown) {
        document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
      }
      last = data.shown;
    }
    """,
)


def top_when_new(shown: str) -> None:
    """Scroll to the top when ``shown`` is another than before; the first time stays in place."""
    _component(key="top", data={"shown": shown})
