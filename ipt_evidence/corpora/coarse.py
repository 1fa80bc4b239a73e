"""The words of the taxonomy for IPT, looked for in the raw text of many records at once.

What the tagger would take passes; nearly all else does not, at a thousandth of the tagger's time.
Each term is stood for by one of its words, that which most terms share: ``interpersonal`` for
``interpersonal psychotherap*``. Where one stands, the other words of a term must be there too.
Letters count in either case, with accents, in full width, as escapes of JSON or as entities. Only a
word that markup cuts in two (``inter<i>personal</i>``) would be missed.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_

import numpy as np
from numpy.typing import NDArray

from ipt_evidence.citations.tagging import fold_word
from ipt_evidence.citations.taxonomy import Concept, Taxonomy
from ipt_evidence.corpora.signs import Signs, signs_in

__all__ = ["SOUGHT", "Coarse", "coarse_of"]

SOUGHT = ("ipt", "interpersonal_counselling")
"""The interventions of which a record must name one to be a candidate."""

_STEM = 8
"""Letters from which a word is looked for anywhere, also inside another one."""
_START = 6
_FREQUENT = "etaoinshrdlucmfwypvbgkjqxz0123456789"  # letters of English, the commonest first
_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)#?\w{1,31};")  # of a letter
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_MARKS = re.compile("[\u0300-\u036f]")

_Term = tuple[tuple[tuple[bytes, ...], ...], ...]
"""Parts that must all stand in a text, ways to say each, the words of a way.

A word that ends with a space must stand alone; others may be the start of a longer one.
"""
_ALL = np.uint64(2**64 - 1)
_Places = NDArray[np.intp]
_Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Coarse:
    """Telling words: ``stems`` stand anywhere in a text, ``words`` begin and end there.

    `places` is asked of many records at once and names a few; `matches` decides on each of them.
    """

    stems: tuple[str, ...]
    words: tuple[str, ...]
    terms: tuple[_Term, ...]

    def matches(self, text: str | bytes) -> bool:
        """Whether the tagger might take ``text``, plain or as an XML or JSON file writes it."""
        if isinstance(text, str):
            text = text.encode("utf-8", "replace")
        plain = _plain(text)
        return self._stands_in(plain) and any(_holds(term, plain) for term in self.terms)

    def _stands_in(self, low: bytes) -> bool:
        if any(stem.encode() in low for stem in self.stems):
            return True
        return any(_alone(word.encode(), low) for word in self.words)

    def places(self, block: bytes) -> _Places:
        """Where in ``block``, in order, a telling word may stand; elsewhere stands none.

        A place is that of one letter of the word. Words at the very ends of the block are whole.
        """
        raw = np.frombuffer(block, np.uint8)
        around = _around(self.stems, self.words)
        low = raw | np.uint8(0x20)  # letters in lower case; what else becomes a letter, is none
        found = [self._plainly(block, low, around, *anchor) for anchor in around.anchors.items()]
        return np.unique(np.concatenate([around.fitting(low, signs_in(block, raw)), *found]))

    def _plainly(
        self, block: bytes, low: _Bytes, around: _Around, letter: int, before: list[int]
    ) -> _Places:
        here = low == letter
        if before:
            here[1:] &= reduce(or_, (low[:-1] == one for one in before))
        at = np.flatnonzero(here)
        at = around.fitting(low, Signs(at, at + 1, low[at]))
        reach = max(map(len, (*self.stems, *self.words)), default=0) + len("\\u0020")
        kept = [
            place
            for place in at.tolist()
            if self._stands_in(block[max(0, place - reach) : place + reach].lower())
        ]
        return np.array(kept, np.intp)


class _Around:
    """Which bytes may stand beside which letter of the telling words.

    Every letter of every word is a bit (two may share one: more passes then, never less).
    """

    def __init__(self, stems: tuple[str, ...], words: tuple[str, ...]) -> None:
        self.anchors = _anchors([*stems, *words])
        self._of = np.zeros(256, np.uint64)
        self._beside = {by: np.zeros(256, np.uint64) for by in (-2, -1, 1, 2)}
        patterns = [*stems, *(f"{word} " for word in words)]
        slots = [(pattern, at) for pattern in patterns for at in range(len(pattern.strip()))]
        for number, (pattern, at) in enumerate(slots):
            bit = np.uint64(1 << number % 64)
            self._of[ord(pattern[at])] |= bit
            for by, table in self._beside.items():
                inside = 0 <= at + by < len(pattern)
                table[_bytes_for(pattern[at + by] if inside else "")] |= bit
        for table in self._beside.values():
            table[0x80:] = _ALL  # a letter in another form

    def fitting(self, low: _Bytes, signs: Signs) -> _Places:
        """Where the ``signs`` begin that stand between bytes of ``low`` as in a telling word.

        What stands beyond another sign in another form is left open. `Signs.ANY` always fits.
        """
        first, last, bits = signs.firsts, signs.lasts, self._of[signs.kinds]
        unknown = first[signs.kinds == Signs.ANY]
        apart = np.concatenate([[9], first[1:] - last[:-1], [9]])
        before, after = apart[:-1], apart[1:]
        for by in (1, 2):
            left = self._beside[-by][low.take(first - by, mode="clip")]
            right = self._beside[by][low.take(last + (by - 1), mode="clip")]
            bits = bits & np.where(before < by, _ALL, left) & np.where(after < by, _ALL, right)
            kept = np.flatnonzero(bits)
            first, last, bits = first[kept], last[kept], bits[kept]
            before, after = before[kept], after[kept]
        return np.concatenate([first, unknown])


_around = lru_cache(maxsize=4)(_Around)


def _bytes_for(letter: str) -> list[int]:
    """The bytes that may stand for ``letter``; a space is the end of a word, and "" anything."""
    if letter == " ":
        return [byte for byte in range(256) if not chr(byte).isascii() or not chr(byte).isalnum()]
    return [ord(letter)] if letter else list(range(256))


def _anchors(words: Iterable[str]) -> dict[int, list[int]]:
    """As few letters as possible, and rare ones, of which every word holds one.

    Each with the letters that stand before it; none where it may also be the first of a word.
    """
    left, chosen = list(words), {}
    while left:
        held = Counter(letter for word in left for letter in set(word))
        best = max(held, key=lambda letter: (held[letter], _FREQUENT.find(letter)))
        before = {word[: word.index(best)][-1:] for word in left if best in word}
        chosen[ord(best)] = [] if "" in before else sorted(map(ord, before))
        left = [word for word in left if best not in word]
    return chosen


def _holds(term: _Term, plain: bytes) -> bool:
    return all(any(all(_in(word, plain) for word in way) for way in part) for part in term)


def _in(word: bytes, plain: bytes) -> bool:
    return _alone(word[:-1], plain) if word.endswith(b" ") else word in plain


def _alone(word: bytes, low: bytes) -> bool:
    """Whether ``word`` stands in ``low`` as a word; an escape of JSON may stand before it.

    An expression would be asked of every letter: `description` holds ``ipt``, and is frequent.
    """
    at = low.find(word)
    while at >= 0:
        end = at + len(word)
        before = low[max(0, at - 6) : at]
        if not low[end : end + 1].isalnum() and (not before[-1:].isalnum() or b"\\" in before):
            return True
        at = low.find(word, at + 1)
    return False


def _plain(text: bytes) -> bytes:
    """``text`` with every letter in its plain form; what has none becomes a question mark."""
    coded = b"\\u" in text or (b"&" in text and _ENTITY.search(text) is not None)
    if text.isascii() and not coded:
        return text.lower()
    said = text.decode("utf-8", "replace")
    if coded:
        said = _ESCAPE.sub(lambda code: chr(int(code.group(1), 16)), said)
        said = html.unescape(said.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    said = unicodedata.normalize("NFKD", said.casefold())
    return _MARKS.sub("", said).encode("ascii", "replace").lower()


@lru_cache(maxsize=4)
def coarse_of(taxonomy: Taxonomy) -> Coarse:
    """The words for the interventions `SOUGHT` of ``taxonomy``."""
    concepts = [concept for concept in taxonomy.interventions if concept.id in SOUGHT]
    terms = [term for concept in concepts for term in _terms(concept)]
    literals = {literal.strip() for concept in concepts for literal in _literals(_terms(concept))}
    stems = {word for word in literals if len(word) >= _STEM}
    stems = {word for word in stems if not any(o != word and o in word for o in stems)}
    words = {word for word in literals if not any(stem in word for stem in stems)}
    coded = [
        tuple(tuple(tuple(word.encode() for word in way) for way in part) for part in term)
        for term in terms
    ]
    return Coarse(tuple(sorted(stems)), tuple(sorted(words)), tuple(dict.fromkeys(coded)))


def _terms(concept: Concept) -> list[list[list[list[str]]]]:
    """The terms of ``concept`` as parts, ways to say a part, words of a way."""
    return [
        [[_words(way) for way in part.split("|")] for part in term.split(" + ")]
        for term in (*concept.terms, *concept.weak_terms)
    ]


def _literals(terms: list[list[list[list[str]]]]) -> set[str]:
    """A word for each term, without which the term cannot stand in a text."""
    shared = Counter(
        start
        for parts in terms
        for start in {word[:_START] for part in parts for way in part for word in way}
    )

    def telling(word: str) -> tuple[int, int]:
        """The words that most terms share are the telling ones, not psychotherapy."""
        return shared[word[:_START]], len(word)

    found: set[str] = set()
    for parts in terms:
        chosen = [[max(way, key=telling) for way in part] for part in parts]
        found |= set(max(chosen, key=lambda words: min(map(telling, words))))
    return found


def _words(alternative: str) -> list[str]:
    """The words of ``alternative``, with a space after those that a ``*`` does not lengthen."""
    found = []
    for written in alternative.split():
        word = fold_word(written.strip("=*"))
        if word:
            found.append(word if "*" in written else f"{word} ")
    return found
