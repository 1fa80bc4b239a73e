"""The page's address holds its filters, by their ids, so that a view can be shared and goes back.

Streamlit can bind a widget to the address itself (``bind="query-params"``), but then writes the
label that a reader sees. Labels get reworded and translated, and a link must outlive that; so we
keep ids. The rule is simple: what is new in the address (a link, the back button) sets the widget;
otherwise, and after every choice, the widget sets the address. Defaults are left out, which keeps
addresses short.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ipt_evidence.analyses.panel import NONE_CHOSEN

__all__ = [
    "by_reader",
    "chosen",
    "chosen_one",
    "chosen_switch",
    "finish",
    "held",
    "ignored",
    "number",
    "one_of",
    "put",
    "several_held",
    "several_of",
    "start",
    "switch",
    "unseen",
    "words",
]

MAX_SAID = 60  # characters of a value that is unknown
JUST_OPENED = 2.0  # seconds in which nobody has typed yet
_NOTHING = object()


@dataclass(slots=True)
class _Memory:
    """What a session knows of its address, by the key of the choice.

    One entry of the session's state: Streamlit looks through all of them for every select box.
    """

    page: str | None = None
    by_reader: bool = False  # this run follows a choice on the page, not a link or the back button
    asked: set[str] = field(default_factory=set)  # by the page, in this run
    held: set[str] = field(default_factory=set)  # choices that the session's state holds
    now: dict[str, list[str]] = field(default_factory=dict)  # in the address, in this run
    seen: dict[str, list[str]] = field(default_factory=dict)  # in the address, when last looked at
    since: dict[str, float] = field(default_factory=dict)  # when the address set the choice
    ignored: dict[str, tuple[str, list[str]]] = field(default_factory=dict)  # label, values
    address: tuple[str, dict[str, list[str]]] = ("", {})  # as it stands and by its words


def _memory() -> _Memory:
    memory: _Memory | None = st.session_state.get("address")
    if memory is None:
        st.session_state["address"] = memory = _Memory()
    return memory


def one_of(widget: Callable[..., Any], label: str, options: Sequence[str], *, key: str,
           default: str | None, left: Mapping[str, int] | None = None,
           **settings: Any) -> str | None:  # fmt: skip
    """A choice of one id by ``widget``, such as ``st.selectbox``; None only when default is.

    ``left`` as for `several_of`.
    """
    memory = _memory()
    if widget is unseen and _untouched(memory, key):
        return default
    known = set(options)
    names = settings.get("format_func", str)
    seeded = _seed(
        memory,
        key,
        lambda texts: texts[0] if texts and texts[0] in known else default,
        keep=lambda value: next(iter(_ids([value], options, names)), default),
    )
    _remember(memory, seeded, key, label, [text for text in seeded[:1] if text not in known])
    if left is not None:
        options, settings = _numbered(options, settings, left, {str(st.session_state[key])})
    value = widget(label, options, key=key, **_noticed(settings))
    _publish(memory, key, [] if value in (None, default) else [value], default=[default])
    return default if value is None else str(value)


def several_of(widget: Callable[..., Any], label: str, options: Sequence[str], *, key: str,
               joined: bool = False, left: Mapping[str, int] | None = None,
               default: Sequence[str] = (), **settings: Any) -> tuple[str, ...]:  # fmt: skip
    """A choice of any number of ids by ``widget``, such as ``st.multiselect``; none by default.

    Where there is a ``default``, an address says "none" when none is chosen.
    ``joined`` writes them into one entry of the address, with commas: for ids, of which there may
    be many. What was chosen among other options and is not among these is dropped. ``left`` says
    how many trials each option leaves: its label gets the number, and what leaves none is not
    offered unless it is chosen.
    """
    memory = _memory()
    if widget is unseen and _untouched(memory, key):
        return tuple(default)
    known = set(options)
    names = settings.get("format_func", str)

    def among(values: list[str]) -> list[str]:
        return [value for value in values if value in known]

    def read(texts: list[str]) -> list[str]:
        return among(_parts(texts, joined)) if texts else list(default)

    seeded = _seed(memory, key, read, keep=lambda now: _ids(now, options, names))
    said = [] if default and seeded == [NONE_CHOSEN] else _parts(seeded, joined)
    _remember(memory, seeded, key, label, [part for part in said if part not in known])
    if left is not None:
        options, settings = _numbered(options, settings, left, set(st.session_state[key]))
    values = widget(label, options, key=key, **_noticed(settings))
    texts = [",".join(values)] if joined and values else list(values)
    if default:
        chosen = [option for option in options if option in values]  # as they stand, not as pressed
        texts = [] if chosen == list(default) else chosen or [NONE_CHOSEN]
        values = chosen
    _publish(memory, key, texts, default=default)
    return tuple(values)


def _parts(texts: Sequence[str], joined: bool) -> list[str]:
    """The ids that texts of the address name, each once."""
    split = [part for text in texts for part in (text.split(",") if joined else [text])]
    return list(dict.fromkeys(split))


_NUMBERED = re.compile(r" \(\d+\)$")


def _numbered(
    options: Sequence[str], settings: dict[str, Any], left: Mapping[str, int], chosen: set[str]
) -> tuple[list[str], dict[str, Any]]:
    """The options that leave a trial, with how many in their labels; see `several_of`."""
    names = settings.get("format_func", str)
    offered = [option for option in options if left[option] or option in chosen]
    return offered, {**settings, "format_func": lambda one: f"{names(one)} ({left[one]})"}


def _ids(values: Sequence[Any], options: Sequence[str], names: Callable[[str], str]) -> list[str]:
    """The ids that a widget's values stand for.

    A choice made while the numbers in the labels change reaches Streamlit as the label of before.
    """
    known = set(options)
    if all(value in known for value in values):
        return list(values)
    named = {names(option): option for option in options}
    found = [named.get(_NUMBERED.sub("", str(one)), one) for one in values]
    return [one for one in found if one in known]


def chosen(options: Sequence[str], *, key: str, joined: bool = False) -> tuple[str, ...]:
    """What `several_of` will say, before its widget is drawn: for labels that depend on it."""
    known = set(options)

    _seed(_memory(), key, lambda texts: [one for one in _parts(texts, joined) if one in known])
    return tuple(one for one in st.session_state[key] if one in known)


def chosen_one(options: Sequence[str], *, key: str) -> str:
    """What `one_of` will say, before its widget is drawn; the first option is its default."""
    _seed(_memory(), key, lambda texts: texts[0] if texts and texts[0] in options else options[0])
    value = str(st.session_state[key])
    return value if value in options else options[0]


def chosen_switch(*, key: str) -> bool:
    """What `switch` will say, before it is drawn."""
    _seed(_memory(), key, lambda texts: texts[:1] == ["1"])
    return bool(st.session_state[key])


def held(label: str, known: Sequence[str], *, key: str) -> str | None:
    """An id that no widget holds; change it by setting ``st.session_state[key]`` in a callback."""
    memory = _memory()
    seeded = _seed(memory, key, lambda texts: texts[0] if texts else None)
    _remember(memory, seeded, key, label, [text for text in seeded[:1] if text not in set(known)])
    value = st.session_state[key]
    st.session_state[key] = value = str(value) if value in set(known) else None
    _publish(memory, key, [value] if value else [])
    return value


def several_held(label: str, known: Sequence[str], *, key: str) -> tuple[str, ...]:
    """Ids that no widget holds, in one entry of the address with commas: ``?compare=a,b``."""
    memory = _memory()
    every = set(known)

    def parts(texts: list[str]) -> list[str]:
        return [one for text in texts for one in text.split(",")]

    seeded = _seed(memory, key, parts)
    _remember(memory, seeded, key, label, [one for one in parts(seeded) if one not in every])
    values = [one for one in dict.fromkeys(st.session_state[key]) if one in every]
    st.session_state[key] = values
    _publish(memory, key, [",".join(values)] if values else [])
    return tuple(values)


def put(key: str, value: Any) -> None:
    """Set a choice, as a widget's callback; its widget need not be drawn."""
    memory = _memory()
    memory.by_reader = True
    memory.held.add(key)
    st.session_state[key] = value


def _untouched(memory: _Memory, key: str) -> bool:
    """Whether a choice was never made on this page, nor by its address: it is the default.

    Most are, and their widgets are not drawn: to look each up in the session's state, set it and
    compare it with the address took a tenth of a run of the Condition page.
    """
    memory.asked.add(key)
    if key in memory.held or key in _asked(memory):
        return False
    memory.seen[key] = []
    return True


def unseen(label: str, *options: Any, key: str, **settings: Any) -> Any:
    """Stands in for a widget that is not drawn now: what it was set to stays."""
    return st.session_state[key]


def switch(
    label: str, *, key: str, widget: Callable[..., Any] = st.toggle, **settings: Any
) -> bool:
    """An on-off switch, off by default."""
    memory = _memory()
    if widget is unseen and _untouched(memory, key):
        return False
    _seed(memory, key, lambda texts: texts[:1] == ["1"])
    value = widget(label, key=key, **_noticed(settings))
    _publish(memory, key, ["1"] if value else [])
    return bool(value)


def number(label: str, lowest: float, highest: float, *, key: str, default: float, step: float,
           widget: Callable[..., Any] = st.slider, **settings: Any) -> float:  # fmt: skip
    """A number on a slider; one that is out of range or no number becomes the default."""
    memory = _memory()
    if widget is unseen and _untouched(memory, key):
        return default

    def read(texts: list[str]) -> float | None:
        with contextlib.suppress(IndexError, ValueError):
            value = float(texts[0])
            return value if lowest <= value <= highest else None
        return None

    def usable(texts: list[str]) -> float:
        value = read(texts)
        return default if value is None else value

    seeded = _seed(memory, key, usable)
    _remember(memory, seeded, key, label, [text for text in seeded[:1] if read([text]) is None])
    value = widget(label, lowest, highest, step=step, key=key, **_noticed(settings))
    _publish(memory, key, [] if value == default else [f"{value:g}"], default=[f"{default:g}"])
    return float(value)


def words(label: str, *, key: str, max_chars: int, **settings: Any) -> str:
    """A line of text, empty by default."""
    memory = _memory()
    _seed(memory, key, lambda texts: texts[0][:max_chars] if texts else "", typed=True)
    value = st.text_input(label, key=key, max_chars=max_chars, **_noticed(settings)) or ""
    _publish(memory, key, [value] if value else [])
    return value


def start(page: str) -> None:
    """Begin a run of ``page``, which then asks for its choices; those of another page are left."""
    memory = _memory()
    if memory.page not in (None, page):
        for key in memory.asked:
            if key in memory.held:
                st.session_state.pop(key, None)
            memory.seen.pop(key, None)
        memory.held -= memory.asked
    memory.page = page
    memory.asked = set()
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None and context.is_history_navigation:
        memory.by_reader = False  # Back, pressed before the run after a choice had ended


def finish() -> None:
    """End a run of the page, or of a part of it that runs alone."""
    _memory().by_reader = False


def by_reader() -> None:
    """Note, as a widget's callback, that the reader chose something on the page.

    The browser sends its address with every event. One that follows another quickly brings the
    address from before the first, which must not take the first choice back: in a run that follows
    a choice, the address has nothing new to say.
    """
    _memory().by_reader = True


def _noticed(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings of a widget whose changes are noted, and which keeps its value while not drawn."""
    then = settings.get("on_change")

    def changed() -> None:
        by_reader()
        if then is not None:
            then()

    return {**settings, "on_change": changed, "persist_state": "page"}


def ignored() -> list[tuple[str, str]]:
    """What the address asked of this page in vain, as (label of the choice, value).

    Said until the reader makes another choice there, or opens another address.
    """
    memory = _memory()
    return [
        (label, value)
        for key, (label, values) in memory.ignored.items()
        if key in memory.asked
        for value in values
    ]


def _remember(memory: _Memory, seeded: list[str], key: str, label: str, unknown: list[str]) -> None:
    """Keep what was unknown in an address that was read just now."""
    if unknown:
        memory.ignored[key] = (label, [text[:MAX_SAID] for text in unknown])
    elif seeded:
        memory.ignored.pop(key, None)


def _seed(
    memory: _Memory,
    key: str,
    read: Callable[[list[str]], Any],
    *,
    keep: Callable[[Any], Any] = lambda value: value,
    typed: bool = False,
) -> list[str]:
    """Set the widget from a new address; give back what that address said, [] for an old one.

    ``keep`` gives what may stay of an earlier choice.
    """
    state = st.session_state
    memory.now[key] = texts = _asked(memory).get(key, [])
    memory.asked.add(key)
    memory.held.add(key)
    value = state.get(key, _NOTHING)
    moved = memory.seen.get(key) != texts and not (memory.by_reader and key in memory.seen)
    if value is _NOTHING or moved:
        state[key] = read(texts)
        memory.since[key] = time.monotonic()
        return texts
    if not typed or time.monotonic() - memory.since.get(key, 0.0) < JUST_OPENED:
        # Said again on every run: a run that another one interrupts may not have told the browser,
        # which would then show the widget's default under the answer to another question. Words,
        # which somebody may be typing, only while the page opens.
        state[key] = keep(value)
    return []


def _asked(memory: _Memory) -> dict[str, list[str]]:
    """What the address says by its words, taken apart once for all thirty that a page looks up."""
    context = get_script_run_ctx(suppress_warning=True)
    query = context.query_string if context is not None else ""
    if memory.address[0] != query:
        memory.address = (query, {key: st.query_params.get_all(key) for key in st.query_params})
    return memory.address[1]


def _publish(
    memory: _Memory, key: str, texts: list[str], default: Sequence[str | None] = ()
) -> None:
    """Write ``texts`` into the address; a default that a link spelt out may stay.

    Taking it away would add a step to the browser's history, in which the reader going back would
    be caught.
    """
    present = memory.now[key]
    if not texts and present and present == list(default):
        texts = present
    if present == memory.seen.get(key) != texts:  # the reader's own choice
        memory.ignored.pop(key, None)
    if present != texts:
        if texts:
            st.query_params[key] = texts
        else:
            del st.query_params[key]
    memory.seen[key] = texts
