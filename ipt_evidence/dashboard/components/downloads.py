"""Downloads of exactly what is shown, written when somebody asks for them.

Streamlit's own button keeps a file that is written on request, for all readers alike, until two
more pages have been made: with fifty readers that is sooner than a browser comes to fetch it
(tests/dashboard/test_downloads_of_many.py). Here the file comes with the answer to the click, to
nobody else, and a row of buttons is one message instead of ten.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from ipt_evidence.cache import cached
from ipt_evidence.citations.writers import WRITERS, write_citations
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.packing import packed
from ipt_evidence.dashboard.components.page import tool
from ipt_evidence.errors import EvidenceError
from ipt_evidence.evidence.schema import LIST_SEPARATOR
from ipt_evidence.wording.tables import csv_safe

__all__ = [
    "File",
    "Item",
    "Menu",
    "Passages",
    "answered",
    "csv_file",
    "references_file",
    "show_downloads",
]

_component = tool("downloads")


@dataclass(frozen=True, slots=True)
class File:
    """A button for a file: ``write`` makes it when somebody asks; ``name`` is unique in a row."""

    label: str
    name: str
    write: Callable[[], bytes]
    mime: str
    icon: str = ""
    about: str = ""
    primary: bool = False
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """A button that shows more files below the row."""

    label: str
    icon: str
    files: Sequence[File]
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Passages:
    """A button that shows texts to copy below the row, written when somebody asks."""

    label: str
    icon: str
    name: str
    write: Callable[[], Sequence[str]]
    lead: str = ""


Item = File | Menu | Passages


def show_downloads(
    *items: Item, key: str = "downloads", note: str = "", of: Hashable = None
) -> None:
    """Show a row of buttons that make files.

    Parameters
    ----------
    items : from left to right.
    key : names the row in the session; unique on the page.
    note : said below the row.
    of : what is shown; when it changes, texts to copy are removed.
    """
    asked = f"{key} asked"
    shown: dict[str, Any] = {
        "items": [_described(item) for item in items],
        "note": note,
        "of": hash(of),
    }
    content = b""
    wanted = st.session_state.get(asked)
    if wanted:
        answer, content = answered(items, wanted)
        shown["answer"] = answer
    _component(key=key, data=packed(shown) + b"\0" + content, on_wanted_change=partial(_ask, key))
    if wanted:  # a run that another one cut short leaves it to that one
        del st.session_state[asked]


def _described(item: Item) -> dict[str, Any]:
    """What the browser draws."""
    facts: dict[str, Any] = {"kind": type(item).__name__.lower()}
    for one in fields(item):
        if one.name not in ("write", "mime", "files"):
            facts[one.name] = getattr(item, one.name)
    if isinstance(item, Menu):
        facts["files"] = [_described(file) for file in item.files]
    return facts


def _ask(key: str) -> None:
    """Keep what the reader asks for until the run of the page comes to it."""
    address.by_reader()
    st.session_state[f"{key} asked"] = st.session_state[key]["wanted"]


def answered(items: Sequence[Item], wanted: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """What is said about the file that is ``wanted`` by its name, and its content.

    A fault of the evidence is said in words; the ticket tells the browser which click it answers.
    """
    name, answer = str(wanted.get("name")), {"ticket": wanted.get("ticket")}
    try:
        for item in items:
            if isinstance(item, Passages):
                if item.name == name:
                    return {**answer, "texts": list(item.write())}, b""
                continue
            for file in item.files if isinstance(item, Menu) else (item,):
                if file.name == name and not file.empty:
                    return {**answer, "name": name, "mime": file.mime}, file.write()
    except EvidenceError as err:
        return {**answer, "error": f"This could not be made: {err}"}, b""
    return {**answer, "error": "The page has changed meanwhile. Press again."}, b""


def csv_file(
    label: str,
    frame: pd.DataFrame,
    name: str,
    prepare: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame,
    about: str = "",
) -> File:
    """``frame`` as CSV: UTF-8, NA for missing, no cell that a spreadsheet would run.

    ``prepare`` is called on it when somebody asks for the file.
    """
    return File(
        label, name, lambda: _csv(prepare(frame)), "text/csv", "table", about, empty=frame.empty
    )


def _csv(frame: pd.DataFrame) -> bytes:
    flat = frame.map(lambda cell: LIST_SEPARATOR.join(cell) if isinstance(cell, tuple) else cell)
    return csv_safe(flat).encode("utf-8")


def references_file(label: str, keys: Iterable[str], stem: str, form: str = "bibtex") -> File:
    """The records of these keys in one of the formats of `WRITERS`; the label gets their number."""
    references = session.evidence().references
    held = _keys(references)
    known = [key for key in dict.fromkeys(keys) if key in held]
    writer = WRITERS[form]

    def write() -> bytes:
        ordered = references.set_index("key", drop=False).loc[known]
        return write_citations(ordered, form).encode("utf-8")

    return File(
        f"{label} ({len(known)})",
        f"{stem}{writer.suffix}",
        write,
        writer.mime,
        icon="format_quote",
        empty=not known,
    )


@cached
def _keys(references: pd.DataFrame) -> frozenset[str]:
    return frozenset(references["key"])
