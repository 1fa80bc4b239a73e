"""The page's address holds its filters, by their ids, so that a view can be shared and goes back.

Streamlit can bind a widget to the address itself (``bind="query-params"``), but then writes the
label that a reader sees. Labels get reworded and translated, and a link must outlive that; so we
keep ids. The rule is simple: what is new in the address (a link, the back button) sets the widget;
otherwise the widget sets the address. Defaults are left out, which keeps addresses short.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

__all__ = ["number", "one_of", "several_of", "switch", "words"]


def one_of(widget: Callable[..., Any], label: str, options: Sequence[str], *, key: str,
           default: str | None, **settings: Any) -> str | None:  # fmt: skip
    """A choice of one id by ``widget``, such as ``st.selectbox``; None only when default is."""
    known = set(options)
    _seed(key, lambda texts: texts[0] if texts and texts[0] in known else default)
    value = widget(label, options, key=key, **settings)
    _publish(key, [] if value in (None, default) else [value], default=[default])
    return default if value is None else str(value)


def several_of(widget: Callable[..., Any], label: str, options: Sequence[str], *, key: str,
               joined: bool = False, **settings: Any) -> tuple[str, ...]:  # fmt: skip
    """A choice of any number of ids by ``widget``, such as ``st.multiselect``; none by default.

    ``joined`` writes them into one entry of the address, with commas: for ids, of which there may
    be many. What was chosen among other options and is not among these is dropped.
    """
    known = set(options)

    def read(texts: list[str]) -> list[str]:
        parts = [part for text in texts for part in (text.split(",") if joined else [text])]
        return [part for part in dict.fromkeys(parts) if part in known]

    if key in st.session_state:
        st.session_state[key] = [value for value in st.session_state[key] if value in known]
    _seed(key, read)
    values = widget(label, options, key=key, **settings)
    _publish(key, [",".join(values)] if joined and values else list(values))
    return tuple(values)


def switch(label: str, *, key: str, **settings: Any) -> bool:
    """An on-off switch, off by default."""
    _seed(key, lambda texts: texts[:1] == ["1"])
    value = st.toggle(label, key=key, **settings)
    _publish(key, ["1"] if value else [])
    return bool(value)


def number(label: str, lowest: float, highest: float, *, key: str, default: float, step: float,
           **settings: Any) -> float:  # fmt: skip
    """A number on a slider; one that is out of range or no number becomes the default."""

    def read(texts: list[str]) -> float:
        try:
            value = float(texts[0])
        except (IndexError, ValueError):
            return default
        return value if lowest <= value <= highest else default

    _seed(key, read)
    value = st.slider(label, lowest, highest, step=step, key=key, **settings)
    _publish(key, [] if value == default else [f"{value:g}"], default=[f"{default:g}"])
    return float(value)


def words(label: str, *, key: str, max_chars: int, **settings: Any) -> str:
    """A line of text, empty by default."""
    _seed(key, lambda texts: texts[0][:max_chars] if texts else "", typed=True)
    value = st.text_input(label, key=key, max_chars=max_chars, **settings) or ""
    _publish(key, [value] if value else [])
    return value


def _seen(key: str) -> str:
    return f"address:{key}"  # what stood in the address when we last looked


def _seed(key: str, read: Callable[[list[str]], Any], *, typed: bool = False) -> None:
    texts = st.query_params.get_all(key)
    if key not in st.session_state or st.session_state.get(_seen(key)) != texts:
        st.session_state[key] = read(texts)
    elif not typed:
        # Said again on every run: a run that another one interrupts may not have told the browser,
        # which would then show the widget's default under the answer to another question. Not for
        # words, which somebody may be typing.
        st.session_state[key] = st.session_state[key]


def _publish(key: str, texts: list[str], default: Sequence[str | None] = ()) -> None:
    """Write ``texts`` into the address; a default that a link spelt out may stay.

    Taking it away would add a step to the browser's history, in which the reader going back would
    be caught.
    """
    present = st.query_params.get_all(key)
    if not texts and present and present == list(default):
        texts = present
    if present != texts:
        if texts:
            st.query_params[key] = texts
        else:
            del st.query_params[key]
    st.session_state[_seen(key)] = texts
