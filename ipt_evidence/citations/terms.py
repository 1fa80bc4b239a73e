"""Finding the terms of a taxonomy in a text, word by word.

A text becomes words without case and accents; each word is looked up, so that the time does not
grow with the number of terms. The syntax of terms is explained at the top of ``taxonomy.toml``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Match", "TermIndex", "Word", "words_of"]

_WORD = re.compile(r"[^\W_]+")
_BREAK = re.compile(r"[.!?;]")
_APART = re.compile(r"[.!?;:,()\[\]{}<>|]")
_PREFIX = 3


@dataclass(frozen=True, slots=True)
class Word:
    """A word, folded, with its place in the text.

    ``sentence`` counts from 0; ``joined`` says that nothing but space, hyphen, slash or quotation
    mark stands before it.
    """

    text: str
    start: int
    end: int
    sentence: int
    joined: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A term found: whose it is, and from where to where each of its parts stands."""

    owner: int
    spans: tuple[tuple[int, int], ...]


@lru_cache(maxsize=100_000)
def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def words_of(text: str) -> list[Word]:
    """The words of ``text`` in order."""
    words: list[Word] = []
    sentence = end = 0
    for match in _WORD.finditer(text):
        start = match.start()
        gap = text[end:start]
        joined = gap == " " or gap == "-" or not _APART.search(gap)
        if not joined and _BREAK.search(gap):
            sentence += 1
        words.append(Word(_fold(match.group()), start, match.end(), sentence, joined))
        end = match.end()
    return words


_Pattern = tuple[str, ...]


class TermIndex:
    """Terms of many owners (concepts, numbered), ready to be looked for in texts."""

    def __init__(self) -> None:
        self._exact: dict[str, list[tuple[_Pattern, int]]] = {}
        self._stems: dict[str, list[tuple[_Pattern, int]]] = {}
        self._endings: list[tuple[_Pattern, int]] = []
        self._owners: list[list[tuple[int, int]]] = []
        self._parts: dict[_Pattern, int] = {}
        self._terms: list[tuple[int, tuple[int, ...]]] = []

    def add(self, term: str, owner: int) -> None:
        """Add ``term`` for ``owner``; ValueError when it holds no word."""
        parts = tuple(self._part(part) for part in term.split(" + "))
        number = len(self._terms)
        self._terms.append((owner, parts))
        for part in set(parts):
            self._owners[part].append((number, owner))

    def _part(self, text: str) -> int:
        pattern = tuple(
            "".join(_fold(piece) for piece in re.split(r"(\*)", word)) for word in text.split()
        )
        if not pattern or not all(word.strip("*") for word in pattern):
            raise ValueError(f"a term without words: {text!r}")
        if pattern in self._parts:
            return self._parts[pattern]
        number = self._parts[pattern] = len(self._owners)
        self._owners.append([])
        first = pattern[0]
        if first.startswith("*") or (first.endswith("*") and len(first) <= _PREFIX):
            self._endings.append((pattern, number))
        elif first.endswith("*"):
            self._stems.setdefault(first[:_PREFIX], []).append((pattern, number))
        else:
            self._exact.setdefault(first, []).append((pattern, number))
        return number

    def find(self, words: list[Word]) -> list[Match]:
        """Every term that stands in ``words``, in the order of the terms."""
        places = self._places(words)
        if not places:
            return []
        candidates = sorted({item for part in places for item in self._owners[part]})
        matches: list[Match] = []
        for number, owner in candidates:
            parts = self._terms[number][1]
            if len(parts) == 1:
                matches.extend(Match(owner, (span,)) for _, span in places[parts[0]])
            else:
                together = _together([places.get(part, []) for part in parts])
                if together:
                    matches.append(Match(owner, together))
        return matches

    def _places(self, words: list[Word]) -> dict[int, list[tuple[int, tuple[int, int]]]]:
        """Part of a term → the (sentence, span) pairs at which it stands."""
        places: dict[int, list[tuple[int, tuple[int, int]]]] = {}
        for position, word in enumerate(words):
            text = word.text
            candidates = [
                *self._exact.get(text, ()),
                *self._stems.get(text[:_PREFIX], ()),
                *self._endings,
            ]
            for pattern, part in candidates:
                end = _match_at(pattern, words, position)
                if end is not None:
                    places.setdefault(part, []).append((word.sentence, (word.start, end)))
        return places


def _match_at(pattern: _Pattern, words: list[Word], position: int) -> int | None:
    """End of ``pattern`` in the text when it starts at ``position``, otherwise None."""
    if position + len(pattern) > len(words):
        return None
    for offset, wanted in enumerate(pattern):
        word = words[position + offset]
        if (offset and not word.joined) or not _same(wanted, word.text):
            return None
    return words[position + len(pattern) - 1].end


def _same(wanted: str, word: str) -> bool:
    if wanted[-1] == "*":
        stem = wanted[:-1]
        return stem[1:] in word if stem[0] == "*" else word.startswith(stem)
    return word.endswith(wanted[1:]) if wanted[0] == "*" else word == wanted


def _together(
    parts: list[list[tuple[int, tuple[int, int]]]],
) -> tuple[tuple[int, int], ...]:
    """Spans of the first sentence that holds all parts; empty when none does."""
    sentences = set.intersection(*({sentence for sentence, _ in part} for part in parts))
    if not sentences:
        return ()
    first = min(sentences)
    return tuple(next(span for sentence, span in part if sentence == first) for part in parts)
