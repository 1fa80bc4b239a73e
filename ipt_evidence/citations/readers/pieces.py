"""A text file → its records, part by part, so that memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator

from ipt_evidence.citations.decoding import PIECE_CHARACTERS, TextFile
from ipt_evidence.citations.garbage import collection_paused
from ipt_evidence.citations.readers import PLAIN, Format, format_of
from ipt_evidence.citations.records import ReadResult, Rejected, Repaired
from ipt_evidence.errors import CitationError

__all__ = [
    "MAX_PLAIN_CHARACTERS",
    "MAX_RECORD_CHARACTERS",
    "MAX_WHOLE_CHARACTERS",
    "read_pieces",
]

MAX_RECORD_CHARACTERS = 16_000_000
"""Where no record ends within this much text, it is cut and read as far as it goes."""

MAX_WHOLE_CHARACTERS = 400_000_000
"""Formats that cannot be cut (JSON, BibTeX with ``crossref``) are read up to this size."""

MAX_PLAIN_CHARACTERS = 10_000_000
"""A printed list may be this long: about 50,000 references."""


def read_pieces(text: TextFile) -> tuple[Format, Iterator[ReadResult]]:
    """The format of ``text``, and what its reader makes of each part, with lines of the file.

    Raises CitationError where the format has to be read as a whole and is too large for that, or
    is none that is known.
    """
    pieces = text.pieces(PIECE_CHARACTERS)
    first = next(pieces, "")
    reader = format_of(text.name, first)
    second = next(pieces, None)
    if second is None:
        return reader, iter([_read(reader, first)])
    context, head = "", ""
    if reader.prepare is not None:
        pieces.close()
        prepared = reader.prepare(text.pieces(PIECE_CHARACTERS))
        pieces = text.pieces(PIECE_CHARACTERS)
        first, second = next(pieces, ""), next(pieces, "")
        if prepared is None:
            return reader, iter([_read(reader, _whole(first + second, pieces, reader, text.name))])
        context = prepared
    elif reader.head is not None:
        head = reader.head(first)
    if reader.cut is None:
        return reader, iter([_read(reader, _whole(first + second, pieces, reader, text.name))])
    return reader, _parts(reader, first, second, pieces, context, head)


def _read(reader: Format, text: str) -> ReadResult:
    with collection_paused():
        return reader.read(text)


def _whole(text: str, pieces: Iterator[str], reader: Format, name: str) -> str:
    limit = MAX_PLAIN_CHARACTERS if reader is PLAIN else MAX_WHOLE_CHARACTERS
    parts = [text]
    size = len(text)
    while size <= limit and (piece := next(pieces, None)) is not None:
        parts.append(piece)
        size += len(piece)
    if size > limit:
        what = "looks like no known format, and as a printed list" if reader is PLAIN else "as"
        what = what if reader is PLAIN else f"in the format {reader.name}"
        raise CitationError(
            f"{name}: the file {what} is longer than the {limit / 1e6:,.0f} million characters "
            "that are read at once. Split it, or export RIS."
        )
    return "".join(parts)


def _parts(
    reader: Format, buffer: str, following: str, pieces: Iterator[str], context: str, head: str
) -> Iterator[ReadResult]:
    if reader.cut is None:
        return
    lines = 0
    more: str | None = following
    front = context
    while more is not None:
        at = reader.cut(buffer)
        note = ""
        if at == 0 and len(buffer) > MAX_RECORD_CHARACTERS:
            at = len(buffer)
            note = f"no record ends within {MAX_RECORD_CHARACTERS:,} characters; it was cut there"
        if at:
            yield _moved(_read(reader, front + buffer[:at]), lines - front.count("\n"), note)
            lines += buffer.count("\n", 0, at)
            buffer = buffer[at:]
            front = context or head
        buffer += more
        more = next(pieces, None)
    yield _moved(_read(reader, front + buffer), lines - front.count("\n"), "")


def _moved(result: ReadResult, lines: int, note: str) -> ReadResult:
    """``result`` of a part before which ``lines`` lines stand."""
    if note:
        result.note = "; ".join(filter(None, (result.note, note)))
    if lines:
        for record in result.records:
            record.source_line += lines
        result.rejected = [
            Rejected(item.source_line + lines, item.text, item.reason) for item in result.rejected
        ]
        result.repaired = [
            Repaired(item.source_line + lines, item.key, item.note) for item in result.repaired
        ]
    return result
