"""The page's address holds its filters, by their ids, so that a view can be shared and goes back.

Streamlit can bind a widget to the address itself (``bind="query-params"``), but then writes the
label that a reader sees. Labels get reworded and translated, and a link must outlive that; so we
keep ids. The rule is simple: what is new in the address (a link, the back button) sets the widget;
otherwise, and after every choice, the widget sets the address. Defaults are left out, which keeps
addresses short.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

__all__ = [
    "by_reader",
    "chosen",
    "chosen_switch",
    "finish",
    "held",
    "ignored",
    "number",
    "one_of",
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
           default: str | None, **settings: Any) -> str | None:  # fmt: skip
    """A choice of one id by ``widget``, such as ``st.selectbox``; None only when default is."""
    memory = _memory()
    known = set(options)
    seeded, value = _seed(
        memory, key, lambda texts: texts[0] if texts and texts[0] in known else default,
        drawn=widget is not unseen,
    )  # fmt: skip
    _remember(memory, seeded, key, label, [text for text in seeded[:1] if text not in known])
    if widget is not unseen:
        value = widget(label, options, key=key, **_noticed(settings))
    _publish(memory, key, [] if value in (None, default) else [value], default=[default])
    return default if value is None else str(value)


def several_of(widget: Callable[..., Any], label: str, options: Sequence[str], *, key: str,
               joined: bool = False, **settings: Any) -> tuple[str, ...]:  # fmt: skip
    """A choice of any number of ids by ``widget``, such as ``st.multiselect``; none by default.

    ``joined`` writes them into one entry of the address, with commas: for ids, of which there may
    be many. What was chosen among other options and is not among these is dropped.
    """
    memory = _memory()
    known = set(options)

    def parts(texts: list[str]) -> list[str]:
        split = [part for text in texts for part in (text.split(",") if joined else [text])]
        return list(dict.fromkeys(split))

    def among(values: list[str]) -> list[str]:
        return [value for value in values if value in known]

    seeded, values = _seed(
        memory, key, lambda texts: among(parts(texts)), keep=among, drawn=widget is not unseen
    )
    _remember(memory, seeded, key, label, [part for part in parts(seeded) if part not in known])
    if widget is not unseen:
        values = widget(label, options, key=key, **_noticed(settings))
    _publish(memory, key, [",".join(values)] if joined and values else list(values))
    return tuple(values)


def chosen(options: Sequence[str], *, key: str) -> tuple[str, ...]:
    """What `several_of` will say, before its widget is drawn: for labels that depend on it."""
    known = set(options)
    _, values = _seed(
        _memory(), key, lambda texts: [text for text in dict.fromkeys(texts) if text in known]
    )
    return tuple(values)


def chosen_switch(*, key: str) -> bool:
    """What `switch` will say, before it is drawn."""
    _, value = _seed(_memory(), key, lambda texts: texts[:1] == ["1"])
    return bool(value)


def held(label: str, known: Sequence[str], *, key: str) -> str | None:
    """An id that no widget holds; change it by setting ``st.session_state[key]`` in a callback."""
    memory = _memory()
    seeded, value = _seed(memory, key, lambda texts: texts[0] if texts else None)
    _remember(memory, seeded, key, label, [text for text in seeded[:1] if text not in set(known)])
    st.session_state[key] = value = str(value) if value in set(known) else None
    _publish(memory, key, [value] if value else [])
    return value


def several_held(label: str, known: Sequence[str], *, key: str) -> tuple[str, ...]:
    """Ids that no widget holds, in one entry of the address with commas: ``?compare=a,b``."""
    memory = _memory()
    every = set(known)

    def parts(texts: list[str]) -> list[str]:
        return [one for text in texts for one in text.split(",")]

    seeded, kept = _seed(memory, key, parts)
    _remember(memory, seeded, key, label, [one for one in parts(seeded) if one not in every])
    values = [one for one in dict.fromkeys(kept) if one in every]
    st.session_state[key] = values
    _publish(memory, key, [",".join(values)] if values else [])
    return tuple(values)


def unseen(label: str, *options: Any, key: str, **settings: Any) -> Any:
    """Stands for a widget that is not drawn now: what it was set to stays. It is never called."""
    raise NotImplementedError(f"{label} is not drawn")


def switch(
    label: str, *, key: str, widget: Callable[..., Any] = st.toggle, **settings: Any
) -> bool:
    """An on-off switch, off by default."""
    memory = _memory()
    _, value = _seed(memory, key, lambda texts: texts[:1] == ["1"], drawn=widget is not unseen)
    if widget is not unseen:
        value = widget(label, key=key, **_noticed(settings))
    _publish(memory, key, ["1"] if value else [])
    return bool(value)


def number(label: str, lowest: float, highest: float, *, key: str, default: float, step: float,
           widget: Callable[..., Any] = st.slider, **settings: Any) -> float:  # fmt: skip
    """A number on a slider; one that is out of range or no number becomes the default."""
    memory = _memory()

    def read(texts: list[str]) -> float | None:
        with contextlib.suppress(IndexError, ValueError):
            value = float(texts[0])
            return value if lowest <= value <= highest else None
        return None

    def usable(texts: list[str]) -> float:
        value = read(texts)
        return default if value is None else value

    seeded, value = _seed(memory, key, usable, drawn=widget is not unseen)
    _remember(memory, seeded, key, label, [text for text in seeded[:1] if read([text]) is None])
    if widget is not unseen:
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
            st.session_state.pop(key, None)
            memory.seen.pop(key, None)
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
    drawn: bool = True,
) -> tuple[list[str], Any]:
    """Set the widget from a new address; give what that address said, [] if old, and the value.

    ``keep`` gives what may stay of an earlier choice. ``drawn`` is False where no widget shows it.
    """
    state = st.session_state
    memory.now[key] = texts = _asked(memory).get(key, [])
    memory.asked.add(key)
    value = state.get(key, _NOTHING)
    moved = memory.seen.get(key) != texts and not (memory.by_reader and key in memory.seen)
    if value is _NOTHING or moved:
        state[key] = value = read(texts)
        memory.since[key] = time.monotonic()
        return texts, value
    kept = keep(value)
    told = drawn and (not typed or time.monotonic() - memory.since.get(key, 0.0) < JUST_OPENED)
    if told or kept != value:
        # Said again on every run: a run that another one interrupts may not have told the browser,
        # which would then show the widget's default under the answer to another question. Words,
        # which somebody may be typing, only while the page opens.
        state[key] = kept
    return [], kept


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
