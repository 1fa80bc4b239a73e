"""Bytes of a bibliography → text, and the name of the encoding that was found.

The rule, in order: a byte order mark; UTF-16 without one, where every second byte is zero; UTF-8
when all bytes allow it; UTF-8 with a few stray bytes (a file put together from two); the encoding
that JabRef writes in its first lines; East Asian encodings and other alphabets, where bytes above
127 come in runs; and where they come alone, as accents do, the code page whose words are spelled
with the letters of one language. Of 14 short references in code pages, charset-normalizer by itself
reads 7 as they are, so it is only asked about runs. A file is read twice, piece by piece: once to
know its encoding, once for its text.
"""

from __future__ import annotations

import codecs
import io
import math
import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import BinaryIO

from ipt_evidence.errors import CitationError

__all__ = ["MAX_FILE_BYTES", "PIECE_CHARACTERS", "TextFile", "open_text", "too_large"]

MAX_FILE_BYTES = 4_000_000_000
"""Larger inputs are refused: 4 GB is about two million records with abstracts."""

PIECE_CHARACTERS = 200_000
"""How much text is in memory at a time while a file is read."""

_PIECE_BYTES = 65_536  # half the time of a million: it stays in the processor's cache
_MAX_NULL_SHARE = 0.001
_MAX_NULL_SHARE_OF_TEXT = 0.1  # of what is UTF-8 from end to end, as no binary file is
_STRAY_SHARE = 0.2
_MAX_SAMPLE = 300_000
_CONTROLS_LOOKED_AT = 4_000_000
_CONTROLS = bytes(set(range(1, 32)) - {9, 10, 12, 13, 26, 27})
_SURROGATE = re.compile("[\udc80-\udcff]")
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)
_MARKED = {(codec, reported) for _, codec, reported in _MARKS}
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


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Bytes that a codec does not allow as Windows-1252; its five undefined bytes as Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    data = error.object[error.start : error.end]
    pages = ("latin-1" if byte in b"\x81\x8d\x8f\x90\x9d" else "cp1252" for byte in data)
    text = "".join(bytes([byte]).decode(page) for byte, page in zip(data, pages, strict=True))
    return text, error.end


codecs.register_error("as-windows-1252", _as_windows)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file whose encoding is known.

    ``encoding`` is its name for readers, ``codec`` and ``errors`` are Python's; ``note`` says what
    was guessed or dropped.
    """

    file: BinaryIO
    name: str
    encoding: str
    codec: str
    note: str = ""
    errors: str = "strict"

    def pieces(self, characters: int = PIECE_CHARACTERS) -> Generator[str, None, None]:
        """The text in pieces of about ``characters``, with line feeds as line ends.

        Raises CitationError when the text breaks off or is a web page.
        """
        decoder = io.IncrementalNewlineDecoder(
            codecs.getincrementaldecoder(self.codec)(self.errors), translate=True
        )
        parts: list[str] = []
        missing, first = characters, True
        for data in chain(_bytes_of(self.file, min(_PIECE_BYTES, characters)), (b"",)):
            try:
                parts.append(decoder.decode(data, final=not data))
            except UnicodeDecodeError as error:
                marked = (self.codec, self.encoding) in _MARKED
                mark = " after its byte order mark" if marked else ""
                raise _binary(self.name, f"its {self.codec} text breaks off{mark}") from error
            missing -= len(parts[-1])
            if missing > 0 and data:
                continue
            piece = "".join(parts).replace("\0", "")
            if first:
                piece = piece.removeprefix("\ufeff")
                _refuse_html(piece, self.name)
            if piece or first:
                yield piece
            parts, missing, first = [], characters, False


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
    for mark, codec, reported in _MARKS:
        if head.startswith(mark):
            return TextFile(file, name, reported, codec)
    counts = _count_bytes(file)
    if counts.nulls and (codec16 := _utf16_without_mark(counts)) is not None:
        text = head.decode(codec16, "replace")
        _refuse_controls(_controls(text.encode("utf-8", "replace")), len(head), name)
        return TextFile(file, name, codec16, codec16)
    utf8, note = _is_utf8(file), ""
    if counts.nulls:
        if counts.nulls > (_MAX_NULL_SHARE_OF_TEXT if utf8 else _MAX_NULL_SHARE) * counts.size:
            raise _binary(name, f"it holds {counts.nulls:,} null bytes")
        note = f"{counts.nulls} null bytes were dropped"
    _refuse_controls(counts.controls, counts.counted, name)
    marked = head.startswith(codecs.BOM_UTF8)
    found = "utf-8-sig" if marked else "utf-8"
    if utf8:
        shown = "ascii" if counts.ascii else found
        return TextFile(file, name, shown, found, note)
    stray = _stray_bytes(file)
    if marked or (stray.valid > 0 and stray.count <= max(1.0, _STRAY_SHARE * stray.valid)):
        guess = f"{stray.count} bytes that UTF-8 does not allow were read as Windows-1252"
        shown = f"{found} with cp1252 bytes"
        return TextFile(file, name, shown, found, _joined(note, guess), "as-windows-1252")
    codec, guess = _legacy_codec(head, stray.sample)
    errors = "as-windows-1252" if codec == "cp1252" else "replace" if guess else "strict"
    return TextFile(file, name, codec, codec, _joined(note, guess), errors)


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def _bytes_of(file: BinaryIO, size: int = _PIECE_BYTES) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(size):
        yield piece


@dataclass(slots=True)
class _Counts:
    """Bytes of a file, its null bytes at even and odd places, and controls in its first part."""

    size: int = 0
    nulls_even: int = 0
    nulls_odd: int = 0
    controls: int = 0
    counted: int = 0
    ascii: bool = True

    @property
    def nulls(self) -> int:
        return self.nulls_even + self.nulls_odd


def _count_bytes(file: BinaryIO) -> _Counts:
    counts = _Counts()
    for piece in _bytes_of(file):
        if b"\0" in piece:
            even, odd = piece[0::2].count(0), piece[1::2].count(0)
            if counts.size % 2:
                even, odd = odd, even
            counts.nulls_even += even
            counts.nulls_odd += odd
        counts.ascii = counts.ascii and piece.isascii()
        counts.size += len(piece)
        if counts.counted < _CONTROLS_LOOKED_AT:
            counts.counted += len(piece)
            counts.controls += _controls(piece)
    return counts


def _utf16_without_mark(counts: _Counts) -> str | None:
    half = max(counts.size // 2, 1)
    for codec, zeros, others in (
        ("utf-16-le", counts.nulls_odd, counts.nulls_even),
        ("utf-16-be", counts.nulls_even, counts.nulls_odd),
    ):
        if zeros > 0.4 * half and others < 0.02 * half + 1:
            return codec
    return None


def _controls(piece: bytes) -> int:
    return len(piece) - len(piece.translate(None, _CONTROLS))


def _refuse_controls(controls: int, counted: int, name: str) -> None:
    if controls > 3 + 0.02 * counted:
        raise _binary(name, "it is full of control characters")


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in _bytes_of(file):
            decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


@dataclass(slots=True)
class _Stray:
    """Characters beyond ASCII that are UTF-8, bytes that are not, and a sample of their lines."""

    valid: int
    count: int
    sample: bytes


def _stray_bytes(file: BinaryIO) -> _Stray:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    valid = count = 0
    sample = bytearray()
    for piece in (*_bytes_of(file), b""):
        text = decoder.decode(piece, final=not piece)
        stray = len(_SURROGATE.findall(text))
        valid += len(text) - len(text.encode("ascii", "ignore")) - stray
        count += stray
        for line in piece.split(b"\n") if stray else ():
            if not line.isascii() and len(sample) < _MAX_SAMPLE:
                sample += line[:5_000] + b"\n"
    return _Stray(valid, count, bytes(sample))


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


_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_DECLARED = re.compile(rb"^.{0,200}?Encoding:\s*([A-Za-z0-9_\-]+)", re.I | re.S)
# Two accents in a row, as in "Conceição": letters stand on both sides.
_IN_A_WORD = re.compile(rb"(?<=[a-z])[\x80-\xff]{2}(?=[a-z])")
_WORDS_SHARE = 0.5
_PAIRED_SHARE = 0.6
_IDEOGRAPHS = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]")
_EAST_ASIAN = frozenset(
    "gb2312 gbk gb18030 big5 big5hkscs shift_jis shift_jis_2004 cp932 euc_jp euc_jis_2004 "
    "euc_kr cp949 johab hz".split()
)
_WESTERN = frozenset({None, "cp1252", "latin_1", "cp1250", "cp1254", "cp1257", "iso8859_15"})


def _legacy_codec(head: bytes, sample: bytes) -> tuple[str, str]:
    """Codec of bytes that are not UTF-8, and how it was guessed; empty when it was declared."""
    declared = _DECLARED.match(head)
    if declared is not None:
        codec = _declared_codec(declared.group(1).decode("ascii"))
        if codec is not None and _fits(sample, codec):
            return codec, ""
    runs = [len(run) for run in _HIGH_RUN.findall(sample)]
    paired = sum(length for length in runs if length > 1) > _PAIRED_SHARE * max(sum(runs), 1)
    if paired and len(_IN_A_WORD.findall(sample)) < _WORDS_SHARE * len(runs):
        codec = _alphabet_code_page(sample) or _of_runs(sample, runs)
        if codec is not None:
            return codec, f"the encoding was guessed from the bytes: {codec}"
    codec, sure = _accents_code_page(sample)
    return codec, f"the encoding was guessed from the bytes: {codec} ({sure})"


def _declared_codec(label: str) -> str | None:
    try:
        codec = codecs.lookup(label.replace("MacRoman", "mac-roman")).name
    except LookupError:
        return None
    return None if codec.startswith(("utf", "ascii")) or codec in {"hex", "base64"} else codec


def _fits(sample: bytes, codec: str) -> bool:
    try:
        sample.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _of_runs(sample: bytes, runs: list[int]) -> str | None:
    """Codec of text whose high bytes come in runs; None when none fits well."""
    best = _normalizer(sample)
    if best is not None and best not in _EAST_ASIAN | _WESTERN:
        even = sum(1 for length in runs if length % 2 == 0)
        if even < 0.9 * len(runs) or not _ideographs(sample, "gb18030"):
            return best
    if best == "big5" and _fits(sample, "gb2312") and _ideographs(sample, "gb2312"):
        return "gbk"  # two characters fit both; by far more files are in GBK
    if best in _EAST_ASIAN - {"gb2312", "gbk", "gb18030", "big5hkscs"} and _fits(sample, best):
        return best
    for codec in ("gb18030", "big5"):
        if _ideographs(sample, codec):
            return "gbk" if codec == "gb18030" and _fits(sample, "gbk") else codec
    return best if best not in _WESTERN else None


def _ideographs(sample: bytes, codec: str) -> bool:
    """Whether nearly all that is beyond ASCII becomes Chinese characters and their signs."""
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError:
        return False
    beyond = [sign for sign in text if sign > "\x7f"]
    return len(_IDEOGRAPHS.findall("".join(beyond))) > 0.9 * len(beyond) > 0


def _normalizer(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(sample[:100_000]).best()
    if best is None or not _fits(sample, best.encoding):
        return None
    return best.encoding


# The letters beyond A to Z of each language, and how likely its words are to be met.
_LANGUAGES: dict[str, tuple[str, float]] = {
    "German": ("äöüß", 1.0),
    "French": ("àâçéèêëîïôœùûü", 1.0),
    "Spanish": ("áéíñóúü", 1.0),
    "Portuguese": ("áâãàçéêíóôõúü", 1.0),
    "Italian": ("àèéìíòóùú", 1.0),
    "Dutch": ("áéèêëíïóöúü", 1.0),
    "Swedish and Finnish": ("åäöéü", 1.0),
    "Danish and Norwegian": ("æøåéäö", 1.0),
    "Polish": ("ąćęłńóśźż", 0.95),
    "Czech": ("áčďéěíňóřšťúůýž", 0.95),
    "Slovak": ("áäčďéíĺľňóôŕšťúýž", 0.4),
    "Hungarian": ("áéíóöőúüű", 0.95),
    "Turkish": ("çğıöşüâ", 0.95),
    "Croatian and Slovene": ("čćđšž", 0.9),
    "Romanian": ("ăâîşţ", 0.9),
    "Lithuanian": ("ąčęėįšųūž", 0.9),
    "Latvian": ("āčēģīķļņšūž", 0.9),
    "Catalan": ("àçéèíïóòúü", 0.3),
    "Icelandic": ("áðéíóúýþæö", 0.2),
    "Estonian": ("äõöüšž", 0.2),
}
# How likely files are to be in each code page, before anything is known of them.
_CODE_PAGES = {
    "cp1252": 1.0,
    "cp1250": 0.3,
    "iso8859_2": 0.2,
    "cp1254": 0.3,
    "cp1257": 0.1,
    "mac_roman": 0.1,
}
_NO_LANGUAGE = 0.01
_BROKEN = 0.001
_MOST_WORDS = 3_000
_WORD = re.compile(rb"[A-Za-z'\x80-\xff]*[\x80-\xff][A-Za-z'\x80-\xff]*")
# Signs that stand beside words in printed text and say nothing about their letters.
_BESIDE = "'’‘“”„«»–—…·•§©®™†‡°´`¿¡ºª×µ\xa0\xad"
_SUSPECT = re.compile(r"õ(?!e)|û$|^û", re.IGNORECASE)  # ő and ű of Hungarian, read as Western


def _accents_code_page(sample: bytes) -> tuple[str, str]:
    """The code page in which the accents of ``sample`` make words, and how sure that is, in words.

    Windows-1252 where nothing speaks against it: it is by far the most common.
    """
    words = list(dict.fromkeys(_WORD.findall(sample)))[:_MOST_WORDS]
    scores = {codec: _score(words, codec, prior) for codec, prior in _CODE_PAGES.items()}
    best = max(scores, key=lambda codec: scores[codec])
    fits = sum(_plausibility(word, best) > _NO_LANGUAGE for word in words)
    return best, f"{fits} of {len(words)} accented words fit it"


def _score(words: Iterable[bytes], codec: str, prior: float) -> float:
    return math.log(prior) + sum(math.log(_plausibility(word, codec)) for word in words)


def _plausibility(word: bytes, codec: str) -> float:
    """From 0 to 1: whether ``word`` is spelled as in a language of the code page."""
    try:
        text = word.decode(codec)
    except UnicodeDecodeError:
        # Windows-1252 leaves five bytes undefined, which are read all the same.
        return _BROKEN
    text = text.strip(_BESIDE)
    if not any(map(str.isalpha, text)):
        return 1.0
    if text.isascii() and text.replace("'", "").isalpha():
        return 1.0
    worst = 1.0
    for part in re.split(f"[{_BESIDE}]", text):
        if not part.isascii():
            worst = min(worst, _spelling(part, codec))
    return worst * (0.2 if re.search(r"[–—…]", text) else 1.0)


def _spelling(part: str, codec: str) -> float:
    if not part.isalpha():
        return _BROKEN
    if not (part.islower() or part.isupper() or part[1:].islower() or _inner_capital(part)):
        return _BROKEN
    letters = {sign for sign in part.lower() if not sign.isascii() and sign != "\u0307"}
    weights = [w for alphabet, w in _alphabets(codec) if letters <= alphabet]
    best = max(weights, default=_NO_LANGUAGE)
    suspect = codec in ("cp1252", "cp1254", "mac_roman") and _SUSPECT.search(part)
    return min(best, 0.1) if suspect else best


def _inner_capital(part: str) -> bool:
    """``McGuïre``: a capital inside is fine when it is a plain one."""
    return all(sign.isascii() for sign in part[1:] if sign.isupper())


@lru_cache(maxsize=16)
def _alphabets(codec: str) -> tuple[tuple[frozenset[str], float], ...]:
    """The alphabets that a code page can write."""
    usable = []
    for letters, weight in _LANGUAGES.values():
        try:
            letters.encode(codec)
        except UnicodeEncodeError:
            if codec != "mac_roman" or weight < 1.0:
                continue
        usable.append((frozenset(letters), weight))
    return tuple(usable)


_CYRILLIC = ("cp1251", "koi8_r", "iso8859_5", "cp866", "mac_cyrillic")
_RUN = re.compile(rb"(?<![A-Za-z\x80-\xff])[\x80-\xff]{3,}(?![A-Za-z\x80-\xff])")
_HEBREW = re.compile(rb"[\xe0-\xfa]+")
_RUSSIAN = re.compile(r"[А-ЯЁІЇЄЎЂЈЉЊЋЏ]?[а-яёіїєґўђјљњћџ]+|[А-ЯЁІЇЄҐЎЂЈЉЊЋЏ]+")
_MIN_SHARE = 0.85


def _alphabet_code_page(sample: bytes) -> str | None:
    """The code page in which runs of high bytes are Cyrillic or Hebrew words; None for neither.

    In a wrong code page the capitals stand at the ends of words, or signs among the letters.
    Hebrew has no capitals; its letters are all that stands in their place.
    """
    runs = list(dict.fromkeys(_RUN.findall(sample)))[:_MOST_WORDS]
    if sum(map(len, runs)) < _MIN_SHARE / 2 * sum(map(len, set(_HIGH_RUN.findall(sample)))):
        return None
    if len(runs) > 2 and all(map(_HEBREW.fullmatch, runs)):
        return "cp1255"
    best, most = None, _MIN_SHARE
    for codec in _CYRILLIC:
        fits = [
            bool(_RUSSIAN.fullmatch(text)) and not text.isupper()
            for run in runs
            if (text := run.decode(codec, "replace"))
        ]
        share = sum(fits) / len(fits) if fits else 0.0
        if share > most and re.search("[А-Я][а-я]", sample.decode(codec, "replace")):
            best, most = codec, share
    return best
