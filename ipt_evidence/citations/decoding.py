"""Bytes of a bibliography → text, and the name of the encoding that was found.

The rule, in order: a byte order mark; UTF-16 without one, where every second byte is zero; UTF-8
when all bytes allow it; UTF-8 with a few stray bytes (a file put together from two); the encoding
that JabRef writes in its first lines; Windows-1252, which is what Western reference managers
wrote before UTF-8 and which contains Latin-1's letters. Text that is mostly beyond ASCII but not
UTF-8 is none of these: charset-normalizer is asked.
"""

from __future__ import annotations

import codecs
import re

from ipt_evidence.errors import CitationError

__all__ = ["MAX_FILE_BYTES", "decode_bytes"]

MAX_FILE_BYTES = 200_000_000
"""Larger inputs are refused: 200 MB is about 100,000 records with abstracts, 1.2 GB in memory."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_REPORTED = {
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
}
_SIGNATURES = (
    (b"%PDF", "a PDF", "Export the references from your reference manager as BibTeX"),
    (b"PK\x03\x04", "a ZIP archive or Office document", "Unpack it, or save it as plain text"),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first"),
    (b"\xd0\xcf\x11\xe0", "an old Office document", "Save it as plain text"),
    (b"\x89PNG", "an image", "Give a bibliography instead"),
    (b"\xff\xd8\xff", "an image", "Give a bibliography instead"),
    (b"SQLite format 3", "a database", "Export the references as BibTeX"),
)
_HTML = re.compile(
    rb"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_DECLARED = re.compile(rb"^.{0,200}?Encoding:\s*([A-Za-z0-9_\-]+)", re.I | re.S)
_HIGH = bytes(range(128, 256))
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 26, 27})
_STRAY_SHARE = 0.2
_FOREIGN_SHARE = 0.25


def decode_bytes(data: bytes, name: str) -> tuple[str, str]:
    """Text of ``data`` with line feeds as line ends, and the encoding it was in.

    Raises CitationError, naming ``name``, when ``data`` is larger than `MAX_FILE_BYTES` or is
    recognisably not a text bibliography: PDF, Office, archive, image, web page, binary.
    """
    if len(data) > MAX_FILE_BYTES:
        raise CitationError(
            f"{name}: {len(data) / 1e6:,.0f} MB is more than the {MAX_FILE_BYTES / 1e6:,.0f} MB "
            "that are read at once. Split the file, or export a part of the library."
        )
    for signature, kind, remedy in _SIGNATURES:
        if data.startswith(signature):
            raise CitationError(f"{name}: this is {kind}, not a bibliography. {remedy}.")
    text, encoding = _decode(data, name)
    if _HTML.match(text[:4000].encode("utf-8", "replace")):
        raise CitationError(
            f"{name}: this is a web page, not a bibliography (often a log-in or error page saved "
            "under the file's name). Download the export again."
        )
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.removeprefix("\ufeff"), encoding


def _decode(data: bytes, name: str) -> tuple[str, str]:
    for mark, codec in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(codec), _REPORTED.get(mark, codec)
            except UnicodeDecodeError as error:
                if mark == codecs.BOM_UTF8:
                    return _mostly_utf8(data[3:])[0], "utf-8-sig with cp1252 bytes"
                raise _binary(name, f"its {codec} text breaks off at byte {error.start}") from error
    if b"\0" in data:
        return _utf16_without_mark(data, name)
    if len(data) - len(data.translate(None, _CONTROLS)) > 3 + 0.02 * len(data):
        raise _binary(name, "it is full of control characters")
    try:
        return data.decode("utf-8"), "ascii" if data.isascii() else "utf-8"
    except UnicodeDecodeError:
        return _decode_legacy(data)


def _binary(name: str, why: str) -> CitationError:
    return CitationError(
        f"{name}: this is not a text file ({why}). Export the references as BibTeX or plain text."
    )


def _utf16_without_mark(data: bytes, name: str) -> tuple[str, str]:
    even, odd = data[0::2].count(0), data[1::2].count(0)
    half = max(len(data) // 2, 1)
    for codec, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros > 0.4 * half and others < 0.02 * half + 1:
            try:
                text = data.decode(codec)
            except UnicodeDecodeError:
                continue
            if "\0" not in text:
                return text, codec
    raise _binary(name, f"it holds {data.count(0):,} null bytes")


def _decode_legacy(data: bytes) -> tuple[str, str]:
    """Bytes that are not UTF-8 throughout."""
    text, stray, valid = _mostly_utf8(data)
    if valid and stray <= max(1.0, _STRAY_SHARE * valid):
        return text, "utf-8 with cp1252 bytes"
    declared = _DECLARED.match(data)
    if declared is not None:
        codec = _declared_codec(declared.group(1).decode("ascii"))
        if codec is not None:
            try:
                return data.decode(codec), codec
            except UnicodeDecodeError:
                pass  # the declaration is wrong; go on as if there were none
    high = len(data) - len(data.translate(None, _HIGH))
    if high > _FOREIGN_SHARE * len(data):
        guessed = _guess(data)
        if guessed is not None:
            return guessed
    return _cp1252(data), "cp1252"


def _declared_codec(label: str) -> str | None:
    try:
        codec = codecs.lookup(label.replace("MacRoman", "mac-roman")).name
    except LookupError:
        return None
    return None if codec.startswith(("utf", "ascii")) or codec in {"hex", "base64"} else codec


def _guess(data: bytes) -> tuple[str, str] | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:200_000]).best()
    if best is None:
        return None
    try:
        return data.decode(best.encoding), best.encoding
    except (UnicodeDecodeError, LookupError):
        return None


def _cp1252(data: bytes) -> str:
    """Windows-1252, with Latin-1 for the five bytes that it leaves undefined."""
    return data.decode("latin-1").translate(dict(enumerate(_CP1252)))


_CP1252 = [
    bytes([byte]).decode("cp1252" if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else "latin-1")
    for byte in range(256)
]


def _mostly_utf8(data: bytes) -> tuple[str, int, int]:
    """Text with stray bytes as cp1252, how many there are, and how many UTF-8 characters."""
    text = data.decode("utf-8", errors="surrogateescape")
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    stray = len(_SURROGATE.findall(text))
    return text.translate(_STRAY), stray, beyond - stray


_SURROGATE = re.compile("[\udc80-\udcff]")
_STRAY = {0xDC00 + byte: _CP1252[byte] for byte in range(128, 256)}
