"""Back to the top of the page when it shows something else, as a new page would."""

from __future__ import annotations

import streamlit as st

__all__ = ["bring_into_view", "top_when_new"]

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


_view = st.components.v2.component(
    "ipt_view",
    js="""
    let last = null;
    export default function ({ data }) {
      if (last !== null && data.shown && last !== data.shown) {
        const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
        const show = (tries) => {
          const place = document.querySelector(`.st-key-${data.place}`);
          const heading = place?.querySelector("h3");
          if (!heading && tries) return setTimeout(() => show(tries - 1), 50);
          place?.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" });
          if (!heading) return;
          heading.tabIndex = -1; // whoever reads by ear goes along
          heading.focus({ preventScroll: true });
        };
        show(20);
      }
      last = data.shown;
    }
    """,
)


def bring_into_view(place: str, shown: str) -> None:
    """Scroll to the container with the key ``place`` when another ``shown`` than before is there.

    Nothing moves when the page opens, or when ``shown`` is empty.
    """
    _view(key=f"view-{place}", data={"place": place, "shown": shown})
