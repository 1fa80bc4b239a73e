"""The formats that can be read. A new format is a module here and a row in `FORMATS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ipt_evidence.citations.readers.bibtex import looks_like_bibtex, read_bibtex
from ipt_evidence.citations.readers.plain_text import looks_like_references, read_plain_text
from ipt_evidence.citations.records import ReadResult

__all__ = ["FORMATS", "Format", "format_of"]


@dataclass(frozen=True, slots=True)
class Format:
    """A bibliography format: its name, its usual suffixes, how to know it and how to read it."""

    name: str
    suffixes: tuple[str, ...]
    recognises: Callable[[str], bool]
    read: Callable[[str], ReadResult]


FORMATS = (
    Format("bibtex", (".bib", ".bibtex", ".biblatex"), looks_like_bibtex, read_bibtex),
    Format("plain", (".txt", ".text", ".md"), looks_like_references, read_plain_text),
)
"""In the order in which a text of unknown suffix is tried; plain text is the last resort."""


def format_of(name: str, text: str) -> Format:
    """The format of a text: what it looks like counts, then the suffix of its name."""
    suffix = "." + name.rpartition(".")[2].lower() if "." in name else ""
    by_suffix = [item for item in FORMATS if suffix in item.suffixes]
    for item in [*by_suffix, *FORMATS]:
        if item.recognises(text):
            return item
    return by_suffix[0] if by_suffix else FORMATS[-1]
