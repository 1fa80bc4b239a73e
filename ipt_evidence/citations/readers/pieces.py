"""A text file → its records, part by part, so that memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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

_LONGEST_OPENING = 200
"""How much of a text may be needed to see that a record starts at its end."""

_STEP = 4_096


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
    passing_over = False
    while more is not None:
        if passing_over:
            at = _first_cut(reader.cut, buffer)
            passing_over = at == 0
            at = at or max(len(buffer) - _LONGEST_OPENING, 0)
        elif (at := reader.cut(buffer)) or len(buffer) > MAX_RECORD_CHARACTERS:
            endless = at == 0
            at = at or len(buffer) - _LONGEST_OPENING
            result = _moved(_read(reader, front + buffer[:at]), lines - front.count("\n"))
            if endless:
                passing_over = _note_endless(result)
            yield result
            front = context or head
        lines += buffer.count("\n", 0, at)
        buffer = buffer[at:] + more
        more = next(pieces, None)
    if passing_over:
        at = _first_cut(reader.cut, buffer)
        lines += buffer.count("\n", 0, at)
        buffer = buffer[at:] if at else ""
    yield _moved(_read(reader, front + buffer), lines - front.count("\n"))


def _note_endless(result: ReadResult) -> bool:
    """Say that a record had to be cut; whether what follows it is more of the same record.

    Where the text gave several records, their starts are of a kind that no cut is made at, and what
    follows is read like it.
    """
    length = f"{MAX_RECORD_CHARACTERS:,} characters"
    said = f"no record ends within {length}; it was cut there"
    result.note = "; ".join(filter(None, (result.note, said)))
    columns = result.as_columns()
    found = len(columns["source_line"])
    if found == 1:
        note = f"the record is longer than {length}; what is beyond them was left out"
        key = columns["key"][0] if "key" in columns else ""
        result.repaired.append(Repaired(columns["source_line"][0], key, note))
    return found + len(result.rejected) <= 1


def _first_cut(cut: Callable[[str], int], text: str) -> int:
    """Where the first record starts in the rest of another one; 0 where none does."""
    if cut(text) == 0:
        return 0
    at = next(at for end in range(_STEP, len(text) + _STEP, _STEP) if (at := cut(text[:end])))
    while earlier := cut(text[: at - 1]):
        at = earlier
    return at


def _moved(result: ReadResult, lines: int) -> ReadResult:
    """``result`` of a part before which ``lines`` lines stand."""
    if lines:
        columns = result.as_columns()
        columns["source_line"] = [line + lines for line in columns["source_line"]]
        result.rejected = [
            Rejected(item.source_line + lines, item.text, item.reason) for item in result.rejected
        ]
        result.repaired = [
            Repaired(item.source_line + lines, item.key, item.note) for item in result.repaired
        ]
    return result
