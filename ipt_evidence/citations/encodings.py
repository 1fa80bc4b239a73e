"""Which encoding bytes are in, when they are neither UTF-8 throughout nor marked.

The counters here run over a file piece by piece; nothing needs all of it at once.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ipt_evidence.citations.single_byte import alphabet_code_page, best_code_page

__all__ = ["CONTROLS", "CP1252", "STRAY", "Census", "legacy_codec"]

_HIGH = bytes(range(128, 256))
CONTROLS = bytes(set(range(1, 32)) - {9, 10, 12, 13, 26, 27})
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_DECLARED = re.compile(rb"^.{0,200}?Encoding:\s*([A-Za-z0-9_\-]+)", re.I | re.S)
# Two accents in a row, as in "Conceição": letters stand on both sides.
_IN_A_WORD = re.compile(rb"(?<=[a-z])[\x80-\xff]{2}(?=[a-z])")
_WORDS_SHARE = 0.5
_STRAY_SHARE = 0.2
_PAIRED_SHARE = 0.6
_IDEOGRAPHS = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]")
_MAX_SAMPLE = 300_000
_CONTROLS_LOOKED_AT = 4_000_000

CP1252 = [
    bytes([byte]).decode("cp1252" if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else "latin-1")
    for byte in range(256)
]
"""Windows-1252, with Latin-1 for the five bytes that it leaves undefined."""

STRAY = {0xDC00 + byte: CP1252[byte] for byte in range(128, 256)}
"""For ``str.translate``: bytes that UTF-8 did not allow (as surrogates) as Windows-1252."""


@dataclass(slots=True)
class Census:
    """Counts over a file: of bytes, of null bytes at even and odd places, of controls, of UTF-8.

    ``clean`` says that all of it is UTF-8; only where it is not are ``high``, ``valid`` and
    ``stray`` counted, which takes longer. Controls are counted in the first part of the file.
    """

    size: int = 0
    nulls_even: int = 0
    nulls_odd: int = 0
    controls: int = 0
    counted: int = 0
    returns: bool = False
    ascii: bool = True
    clean: bool = True
    high: int = 0
    valid: int = 0
    stray: int = 0
    sample: bytearray = field(default_factory=bytearray)

    @classmethod
    def of(cls, pieces: Callable[[], Iterable[bytes]]) -> Census:
        """The census of a file that ``pieces`` reads from its beginning."""
        census = cls()
        left = b""
        for piece in pieces():
            census._add(piece)
            if census.clean:
                text = left + piece
                whole = _whole_characters(text)
                census.clean = _is_utf8(text[:whole])
                left = text[whole:]
        census.clean = census.clean and not left
        if not census.clean:
            loose = codecs.getincrementaldecoder("utf-8")("surrogateescape")
            for piece in pieces():
                census._add_stray(piece, loose.decode(piece))
            census._add_stray(b"", loose.decode(b"", True))
        return census

    def _add(self, piece: bytes) -> None:
        if b"\0" in piece:
            even, odd = piece[0::2].count(0), piece[1::2].count(0)
            if self.size % 2:
                even, odd = odd, even
            self.nulls_even += even
            self.nulls_odd += odd
        self.returns = self.returns or b"\r" in piece
        self.ascii = self.ascii and piece.isascii()
        self.size += len(piece)
        if self.counted < _CONTROLS_LOOKED_AT:
            self.counted += len(piece)
            self.controls += len(piece) - len(piece.translate(None, CONTROLS))

    def _add_stray(self, piece: bytes, text: str) -> None:
        self.high += len(piece) - len(piece.translate(None, _HIGH))
        beyond = len(text) - len(text.encode("ascii", "ignore"))
        stray = len(_SURROGATE.findall(text))
        self.stray += stray
        self.valid += beyond - stray
        if stray and len(self.sample) < _MAX_SAMPLE:
            for line in piece.split(b"\n"):
                if not line.isascii():
                    self.sample += line[:5_000] + b"\n"
                    if len(self.sample) >= _MAX_SAMPLE:
                        break

    @property
    def nulls(self) -> int:
        """Null bytes in the file."""
        return self.nulls_even + self.nulls_odd

    @property
    def mostly_utf8(self) -> bool:
        """Whether a few stray bytes stand in what is UTF-8 otherwise."""
        return self.valid > 0 and self.stray <= max(1.0, _STRAY_SHARE * self.valid)


def _is_utf8(piece: bytes) -> bool:
    """Asked of Arrow: Python can only tell by making the text, which takes ten times as long."""
    if piece.isascii():
        return True
    import pyarrow as pa  # type: ignore[import-untyped]

    try:
        pa.array([piece], pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _whole_characters(piece: bytes) -> int:
    """Length of ``piece`` without the first bytes of a UTF-8 character that goes on behind it."""
    for back, byte in enumerate(reversed(piece[-3:]), 1):
        if byte >= _LEAD:
            length = 2 + (byte >= 0xE0) + (byte >= 0xF0)
            return len(piece) - back if length > back else len(piece)
    return len(piece)


_LEAD = 0xC0
_SURROGATE = re.compile("[\udc80-\udcff]")


def legacy_codec(head: bytes, census: Census) -> tuple[str, str]:
    """Codec of bytes that are not UTF-8, and how it was guessed; empty when it was declared.

    A declaration (JabRef's first lines) counts if it fits. High bytes that come in runs are East
    Asian or another alphabet: GB 18030 (which contains GBK) where it gives ideographs, otherwise
    charset-normalizer is asked. High bytes that come alone are accents: of the code pages that
    have them, the one whose words make sense (`single_byte`).
    """
    sample = bytes(census.sample)
    declared = _DECLARED.match(head)
    if declared is not None:
        codec = _declared_codec(declared.group(1).decode("ascii"))
        if codec is not None and _fits(sample, codec):
            return codec, ""
    runs = [len(run) for run in _HIGH_RUN.findall(sample)]
    paired = sum(length for length in runs if length > 1) > _PAIRED_SHARE * max(sum(runs), 1)
    if paired and len(_IN_A_WORD.findall(sample)) < _WORDS_SHARE * len(runs):
        codec = alphabet_code_page(sample) or _of_runs(sample, runs)
        if codec is not None:
            return codec, f"the encoding was guessed from the bytes: {codec}"
    codec, sure = best_code_page(sample)
    return codec, f"the encoding was guessed from the bytes: {codec} ({sure})"


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


_EAST_ASIAN = frozenset(
    "gb2312 gbk gb18030 big5 big5hkscs shift_jis shift_jis_2004 cp932 euc_jp euc_jis_2004 "
    "euc_kr cp949 johab hz".split()
)
_WESTERN = frozenset({None, "cp1252", "latin_1", "cp1250", "cp1254", "cp1257", "iso8859_15"})


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


def _fits(sample: bytes, codec: str) -> bool:
    try:
        sample.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _declared_codec(label: str) -> str | None:
    try:
        codec = codecs.lookup(label.replace("MacRoman", "mac-roman")).name
    except LookupError:
        return None
    return None if codec.startswith(("utf", "ascii")) or codec in {"hex", "base64"} else codec
