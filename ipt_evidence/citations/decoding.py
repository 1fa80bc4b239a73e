"""Bytes of a bibliography → text, and the name of the encoding that was found.

The rule, in order: a byte order mark; UTF-16 without one, where every second byte is zero; UTF-8
when all bytes allow it; UTF-8 with a few stray bytes (a file put together from two); the encoding
that JabRef writes in its first lines; what `encodings` makes of the rest: Windows-1252, which is
what Western reference managers wrote before UTF-8 and which contains Latin-1's letters, or another
alphabet. A file is read twice, piece by piece: once to know its encoding, once for its text.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ipt_evidence.citations.encodings import CONTROLS, CP1252, STRAY, Census, legacy_codec
from ipt_evidence.errors import CitationError

__all__ = [
    "MAX_FILE_BYTES",
    "PIECE_CHARACTERS",
    "TextFile",
    "decode_bytes",
    "open_text",
    "too_large",
]

MAX_FILE_BYTES = 4_000_000_000
"""Larger inputs are refused: 4 GB is about two million records with abstracts."""

PIECE_CHARACTERS = 500_000
"""How much text is in memory at a time while a file is read."""

_SMALL_BYTES = 8_000_000
_MAX_NULL_SHARE = 0.001
_CENSUS_BYTES = 1_000_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)
_SIGNATURES = (
    (b"%PDF", "a PDF", "Export the references from your reference manager as BibTeX"),
    (b"PK\x03\x04", "a ZIP archive or Office document", "Unpack it, or save it as plain text"),
    (b"PK\x05\x06", "an empty ZIP archive", "Give a bibliography instead"),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first"),
    (b"BZh", "a bzip2 archive", "Unpack it first"),
    (b"\xfd7zXZ", "an xz archive", "Unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first"),
    (b"Rar!", "a RAR archive", "Unpack it first"),
    (b"\xd0\xcf\x11\xe0", "an old Office document", "Save it as plain text"),
    (b"\x89PNG", "an image", "Give a bibliography instead"),
    (b"\xff\xd8\xff", "an image", "Give a bibliography instead"),
    (b"SQLite format 3", "a database", "Export the references as BibTeX"),
    (b"\x7fELF", "a program", "Give a bibliography instead"),
)
_HTML = re.compile(
    r"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file whose encoding is known. ``note`` says what was guessed or dropped."""

    file: BinaryIO
    name: str
    encoding: str
    codec: str
    note: str = ""
    simple: bool = False
    whole: str | None = None

    def pieces(self, characters: int = PIECE_CHARACTERS) -> Generator[str, None, None]:
        """The text in pieces of about ``characters``, with line feeds as line ends.

        Raises CitationError when the text breaks off or is a web page.
        """
        if self.whole is not None:
            _refuse_html(self.whole, self.name)
            yield from (
                self.whole[start : start + characters]
                for start in range(0, len(self.whole), characters)
            )
            return
        self.file.seek(0)
        first = True
        for piece in self._simple(characters) if self.simple else self._decoded(characters):
            if not self.simple and "\0" in piece:
                piece = piece.replace("\0", "")
            if first:
                piece = piece.removeprefix("\ufeff")
                _refuse_html(piece, self.name)
                first = False
            if piece:
                yield piece

    def _simple(self, size: int) -> Iterator[str]:
        """UTF-8 throughout, with line feeds only: nothing to look for."""
        decoder = codecs.getincrementaldecoder(self.codec)()
        while data := self.file.read(size):
            yield decoder.decode(data)
        yield decoder.decode(b"", True)

    def _decoded(self, characters: int) -> Iterator[str]:
        stray = self.encoding.endswith("with cp1252 bytes")
        western = self.codec == "cp1252"
        errors = "surrogateescape" if stray else "replace" if "guessed" in self.note else "strict"
        codec = "latin-1" if western else self.codec
        wrapper = io.TextIOWrapper(self.file, codec, errors, newline=None)
        try:
            while piece := wrapper.read(characters):
                if stray:
                    piece = piece.translate(STRAY)
                elif western and not piece.isascii():
                    piece = piece.translate(_CP1252_TABLE)
                yield piece
        except UnicodeDecodeError as error:
            raise _binary(self.name, f"its {self.codec} text breaks off") from error
        finally:
            wrapper.detach()


_CP1252_TABLE = {byte: CP1252[byte] for byte in range(128, 256)}


def open_text(file: BinaryIO, name: str) -> TextFile:
    """Find out the encoding of a file that can be read twice.

    Raises CitationError, naming ``name``, when the file is larger than `MAX_FILE_BYTES` or is
    recognisably not a text bibliography: PDF, Office, archive, image, web page, binary.
    """
    size = file.seek(0, io.SEEK_END)
    if size > MAX_FILE_BYTES:
        raise too_large(name, size)
    file.seek(0)
    head = file.read(4_096)
    for signature, kind, remedy in _SIGNATURES:
        if head.startswith(signature):
            raise CitationError(f"{name}: this is {kind}, not a bibliography. {remedy}.")
    for mark, codec, reported in _MARKS[1:]:
        if head.startswith(mark):
            return TextFile(file, name, reported, codec)

    if size <= _SMALL_BYTES:
        text = _simple_text(file)
        if text is not None:
            encoding = "ascii" if text.isascii() else "utf-8"
            return TextFile(file, name, encoding, "utf-8", whole=text)

    def again() -> Iterator[bytes]:
        file.seek(0)
        while piece := file.read(_CENSUS_BYTES):
            yield piece

    return _of_census(file, name, head, Census.of(again))


def _simple_text(file: BinaryIO) -> str | None:
    """The text of a small file that is UTF-8 without anything to look after; otherwise None."""
    file.seek(0)
    data = file.read()
    if b"\r" in data or b"\0" in data or data.startswith(codecs.BOM_UTF8):
        return None
    if len(data) - len(data.translate(None, CONTROLS)) > 0:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _of_census(file: BinaryIO, name: str, head: bytes, census: Census) -> TextFile:
    note = ""
    if census.nulls:
        codec = _utf16_without_mark(census)
        if codec is not None:
            return TextFile(file, name, codec, codec)
        if census.nulls > _MAX_NULL_SHARE * census.size:
            raise _binary(name, f"it holds {census.nulls:,} null bytes")
        note = f"{census.nulls} null bytes were dropped"
    if census.controls > 3 + 0.02 * census.counted:
        raise _binary(name, "it is full of control characters")
    marked = head.startswith(codecs.BOM_UTF8)
    if census.clean:
        plain = "ascii" if census.ascii else "utf-8"
        codec = "utf-8-sig" if marked else "utf-8"
        simple = not census.returns and not census.nulls
        return TextFile(file, name, "utf-8-sig" if marked else plain, codec, note, simple)
    if marked or census.mostly_utf8:
        found = "utf-8-sig" if marked else "utf-8"
        said = f"{census.stray} bytes that UTF-8 does not allow were read as Windows-1252"
        return TextFile(file, name, f"{found} with cp1252 bytes", found, _joined(note, said))
    codec, said = legacy_codec(head, census)
    return TextFile(file, name, codec, codec, _joined(note, said))


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def _utf16_without_mark(census: Census) -> str | None:
    half = max(census.size // 2, 1)
    for codec, zeros, others in (
        ("utf-16-le", census.nulls_odd, census.nulls_even),
        ("utf-16-be", census.nulls_even, census.nulls_odd),
    ):
        if zeros > 0.4 * half and others < 0.02 * half + 1:
            return codec
    return None


def decode_bytes(data: bytes, name: str) -> tuple[str, str]:
    """Text of ``data`` with line feeds as line ends, and the encoding it was in.

    Raises CitationError as `open_text` does.
    """
    text = open_text(io.BytesIO(data), name)
    return "".join(text.pieces()), text.encoding


def too_large(name: str, size: int) -> CitationError:
    """The refusal of an input of ``size`` bytes."""
    return CitationError(
        f"{name}: {size / 1e6:,.0f} MB is more than the {MAX_FILE_BYTES / 1e6:,.0f} MB "
        "that are read at once. Split the file, or export a part of the library."
    )


def _binary(name: str, why: str) -> CitationError:
    return CitationError(
        f"{name}: this is not a text file ({why}). Export the references as BibTeX or plain text."
    )


def _refuse_html(text: str, name: str) -> None:
    if _HTML.match(text[:4000]):
        raise CitationError(
            f"{name}: this is a web page, not a bibliography (often a log-in or error page saved "
            "under the file's name). Download the export again."
        )
