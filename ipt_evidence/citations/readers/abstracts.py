"""Abstracts of many records at once: which of them need more than to be taken as they stand.

An abstract is most of a record's text. It is looked through once, together with all others and
with the titles, for double spaces, mark-up, entities, letters that Unicode writes in two ways, and
trial registrations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ipt_evidence.citations.identifiers import REGISTRY_SIGNS
from ipt_evidence.citations.readers.fields import reading_text
from ipt_evidence.citations.readers.searching import END, START, holding
from ipt_evidence.citations.records import Columns, registry_ids_in

__all__ = ["finish_texts"]

_SPACES = rf"{START}\s|\s{END}|  |[\t-\r\x{{1c}}-\x{{1f}}\x{{85}}\x{{a0}}]"
_MARKUP = r"<[/A-Za-z]|&[A-Za-z#]"
# Beyond these letters a text may have other spaces or not be in NFC. Left out are the signs that
# abstracts are full of: dashes, quotation marks, arrows, mathematics.
_LETTERS = (
    r"[\x{300}-\x{200f}\x{2028}-\x{202f}\x{205f}-\x{206f}\x{20d0}-\x{20ff}\x{2120}-\x{212f}\x{2329}\x{232a}"
    r"\x{2adc}\x{2c00}-\x{10ffff}]"
)
_TO_LOOK_AT = "|".join([_SPACES, _MARKUP, _LETTERS, *REGISTRY_SIGNS])


def finish_texts(
    columns: Columns,
    names: Sequence[str],
    notes: Sequence[Sequence[str | None]],
    read: Callable[[str], str | None] = reading_text,
) -> None:
    """Make texts fit for reading, and find the registrations in the abstracts and in ``notes``.

    The columns ``names``, of which one is the abstract, come with the texts that the file has, for
    which ``read`` gives what is to stand there; ``notes`` are columns of further texts that may
    name a registration. The column of registrations is added.
    """
    for name in names:
        columns[name] = [text or None for text in columns[name]]
    abstracts = columns["abstract"]
    count = len(abstracts)
    searched = [*(columns[name] for name in names), *notes]
    texts = [text or "" for column in searched for text in column]
    registered: list[list[str]] = [[] for _ in abstracts]
    for position in {place % count for place in holding(_TO_LOOK_AT, texts)}:
        for name in names:
            text = columns[name][position]
            columns[name][position] = (read(text) or None) if text else None
        found = (column[position] for column in notes)
        registered[position] = registry_ids_in(abstracts[position], *found)
    columns["registry_ids"] = registered
