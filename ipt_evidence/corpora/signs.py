"""Letters outside ASCII in raw text: as UTF-8, as escapes of JSON, as entities of XML and HTML."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ipt_evidence.citations.tagging import fold_word

__all__ = ["Signs", "signs_in"]

_Places = NDArray[np.intp]
_Bytes = NDArray[np.uint8]
_LEAD, _ESCAPE, _NAME = 0xC0, ord("\\"), ord("&")
_NUMBERS = 0x20000
"""Signs beyond are never read as a letter from a to z."""
_ENTITY = re.compile(rb"&#?\w{1,31};")
_MARKUP = re.compile(rb"&(?:amp|lt|gt|quot|apos);")


@dataclass(frozen=True, slots=True)
class Signs:
    r"""Signs of a text in order: where each begins and what follows it, and which letter it is.

    ``kinds`` are the bytes of plain letters and digits, or `ANY` for what the tagger reads as no
    letter or as several: marks (``e\u0301``), ligatures, half an escaped sign.
    """

    firsts: _Places
    lasts: _Places
    kinds: _Bytes

    ANY: ClassVar[int] = 1


def signs_in(block: bytes, raw: _Bytes) -> Signs:
    """Every sign of ``block`` that is a letter in another form; ``raw`` are its bytes.

    Nothing is said of text that is no UTF-8.
    """
    at = np.flatnonzero((raw >= _LEAD) | (raw == _ESCAPE) | (raw == _NAME))
    how = raw[at]
    parts = [
        _written(raw, at[how >= _LEAD]),
        _escaped(raw, at[how == _ESCAPE]),
        _named(block, at[how == _NAME]),
    ]
    firsts = np.concatenate([part[0] for part in parts])
    lasts = np.concatenate([part[1] for part in parts])
    kinds = np.concatenate([part[2] for part in parts])
    order = np.flatnonzero(kinds)
    order = order[np.argsort(firsts[order], kind="stable")]
    return Signs(firsts[order], lasts[order], kinds[order])


def _written(raw: _Bytes, at: _Places) -> tuple[_Places, _Places, _Bytes]:
    """Signs in UTF-8, by the first byte of each."""
    lead = raw[at].astype(np.int32)
    size = 2 + (lead >= 0xE0) + (lead >= 0xF0)
    code = lead & (0x7F >> size)
    for by in (1, 2, 3):
        more = raw.take(at + by, mode="clip").astype(np.int32) & 0x3F
        code = np.where(size > by, code << 6 | more, code)
    return at, at + size, _kinds(code)


def _escaped(raw: _Bytes, at: _Places) -> tuple[_Places, _Places, _Bytes]:
    r"""Signs as JSON's ``\u00e9``; half a pair may be any letter."""
    at = at[raw.take(at + 1, mode="clip") == ord("u")]
    code = np.zeros(len(at), np.int32)
    for by in range(2, 6):
        code = code << 4 | _digits()[raw.take(at + by, mode="clip")]
    kinds = _kinds(code)
    kinds[(code >= 0xD800) & (code < 0xE000)] = Signs.ANY
    return at, at + 6, kinds


def _named(block: bytes, places: _Places) -> tuple[_Places, _Places, _Bytes]:
    """Signs as entities, ``&eacute;`` or ``&#233;``, but for those that markup is made of."""
    at, ends, codes = [], [], []
    for place in places.tolist():
        if _MARKUP.match(block, place) is None and (entity := _ENTITY.match(block, place)):
            said = html.unescape(entity.group().decode("utf-8", "replace"))
            at.append(place)
            ends.append(entity.end())
            codes.append(ord(said) if len(said) == 1 else ord("\u0301"))
    return np.array(at, np.intp), np.array(ends, np.intp), _kinds(np.array(codes, np.int32))


def _kinds(code: NDArray[np.int32]) -> _Bytes:
    return _table()[np.minimum(code, _NUMBERS - 1)]


@lru_cache(maxsize=1)
def _table() -> _Bytes:
    """What each sign is by its number: a plain letter or digit, `Signs.ANY`, or 0 for no letter."""
    table = np.zeros(_NUMBERS, np.uint8)
    for number in range(_NUMBERS):
        sign = chr(number)
        plain = fold_word(sign) if sign.isalnum() else ""
        if plain.isascii() and len(plain) == 1:
            table[number] = ord(plain)
        elif any(letter.isascii() for letter in plain):
            table[number] = Signs.ANY
    table[0x300:0x370] = Signs.ANY  # marks, which belong to the letter before
    return table


@lru_cache(maxsize=1)
def _digits() -> NDArray[np.int32]:
    values = np.zeros(256, np.int32)
    for digit in b"0123456789abcdefABCDEF":
        values[digit] = int(chr(digit), 16)
    return values
