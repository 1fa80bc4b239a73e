"""Abstracts of many records at once: which of them need more than to be taken as they stand.

An abstract is most of a record's text. To look through it in Python for double spaces, mark-up,
entities, letters that Unicode writes in two ways, and trial registrations takes longer than to read
the whole rest of the record; Arrow's expressions look for all of these in one pass over all texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ipt_evidence.citations.identifiers import REGISTRY_SIGNS
from ipt_evidence.citations.readers.fields import reading_text
from ipt_evidence.citations.records import Record, registry_ids_in

__all__ = ["finish_abstracts"]

_SPACES = r"^\s|\s$|  |[\t-\r\x{1c}-\x{1f}\x{85}\x{a0}]"
_MARKUP = r"<[/A-Za-z]|&[A-Za-z#]"
# Beyond these letters a text may have other spaces or not be in NFC. Left out are the signs that
# abstracts are full of: dashes, quotation marks, arrows, mathematics.
_LETTERS = (
    r"[\x{300}-\x{200f}\x{2028}-\x{202f}\x{205f}-\x{206f}\x{20d0}-\x{20ff}\x{2120}-\x{212f}\x{2329}\x{232a}"
    r"\x{2adc}\x{2c00}-\x{10ffff}]"
)
_TO_LOOK_AT = "|".join([_SPACES, _MARKUP, _LETTERS, *REGISTRY_SIGNS])


def finish_abstracts(
    records: Sequence[Record],
    notes: Sequence[Sequence[str]],
    read: Callable[[str], str | None] = reading_text,
) -> None:
    """Make the abstracts fit for reading, and find the registrations in them and in ``notes``.

    ``records`` come with the abstract as the file has it, for which ``read`` gives the text;
    ``notes`` are, for each, further texts that may name a registration.
    """
    texts = [
        " ".join([r.abstract, *more] if r.abstract else more)
        for r, more in zip(records, notes, strict=True)
    ]
    for position in _worth_a_look(texts):
        record = records[position]
        if record.abstract:
            record.abstract = read(record.abstract) or None
        record.registry_ids = registry_ids_in(record.abstract, *notes[position])


def _worth_a_look(texts: list[str]) -> list[int]:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.compute as pc  # type: ignore[import-untyped]

    try:
        column = pa.array(texts, pa.large_string())
    except UnicodeEncodeError:  # half a character
        whole = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        column = pa.array(whole, pa.large_string())
    found: list[int] = pc.indices_nonzero(pc.match_substring_regex(column, _TO_LOOK_AT)).to_pylist()
    return found
