"""The words of the taxonomy for IPT as one expression over the raw text of a record.

What the tagger would take passes; nearly all else does not, at a fraction of the tagger's time.
Each term is stood for by one of its words, that which most terms share: ``interpersonal`` for
``interpersonal psychotherap*``.
Letters count in either case, with accents, in full width, as escapes of JSON or as entities. Only a
word that markup cuts in two (``inter<i>personal</i>``) would be missed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache

from ipt_evidence.citations.tagging import fold_word
from ipt_evidence.citations.taxonomy import Concept, Taxonomy

__all__ = ["SOUGHT", "Coarse", "coarse_of"]

SOUGHT = ("ipt", "interpersonal_counselling")
"""The interventions of which a record must name one to be a candidate."""

_STEM = 8
"""Letters from which a word is looked for anywhere, also inside another one."""
_START = 6
_BEFORE = r"(?:[^a-z0-9]|\\[bfnrt]|\\u[0-9a-f]{4})"  # a line of JSON writes a line feed as \n
_AFTER = "[^a-z0-9]"
# Not {1,31}: counted, it makes the expression outgrow RE2's automaton, and 50 times slower.
_CODED = r"&#?[0-9a-z]+;|\\u[0-9a-f]{4}"
_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)#?\w{1,31};")  # of a letter
_MARKS = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Coarse:
    """The expression: ``stems`` stand anywhere in a text, ``words`` begin and end there.

    ``fast``, ``whole`` and ``varied`` are regular expressions of RE2, to be asked in this order:
    a text without `fast` has neither; with it, `whole` decides. `varied` takes letters in other
    forms, and is asked of texts that hold any.
    """

    stems: tuple[str, ...]
    words: tuple[str, ...]
    fast: str
    whole: str
    varied: str

    def matches(self, text: str | bytes) -> bool:
        """Whether the tagger might take ``text``, plain or as an XML or JSON file writes it."""
        if isinstance(text, str):
            text = text.encode("utf-8", "replace")
        low = text.lower()
        if self._stands_in(low):
            return True
        if not low.isascii() and self._stands_in(_plain(low)):
            return True
        coded = b"\\u" in low or (b"&" in low and _ENTITY.search(low))
        return bool(coded) and _pattern(self.varied).search(_padded(low)) is not None

    def _stands_in(self, low: bytes) -> bool:
        if any(stem.encode() in low for stem in self.stems):
            return True
        return any(_alone(word.encode(), low) for word in self.words)

    def sql(self, column: str) -> str:
        """An expression of DuckDB: ``column`` where it passes, otherwise NULL.

        Nested, since DuckDB would ask every part of an OR. Takes the parameters `parameters`.
        """
        odd = f"strlen({column}) <> length({column}) OR contains({column}, '&') OR "
        odd += rf"contains({column}, '\u')"
        return (
            f"CASE WHEN CASE WHEN regexp_matches({column}, $1) THEN regexp_matches({column}, $2) "
            f"ELSE false END THEN {column} "
            f"WHEN CASE WHEN {odd} THEN regexp_matches({column}, $3) ELSE false END "
            f"THEN {column} END"
        )

    @property
    def parameters(self) -> list[str]:
        """The parameters of `sql`."""
        return [self.fast, self.whole, self.varied]


_pattern = lru_cache(maxsize=16)(re.compile)


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


def _padded(low: bytes) -> str:
    return f" {low.decode('utf-8', 'replace')} "


def _plain(low: bytes) -> bytes:
    """``low`` with every letter in its plain form; what has none becomes a question mark."""
    text = unicodedata.normalize("NFKD", low.decode("utf-8", "replace").casefold())
    return _MARKS.sub("", text).encode("ascii", "replace").lower()


@lru_cache(maxsize=4)
def coarse_of(taxonomy: Taxonomy) -> Coarse:
    """The expression for the interventions `SOUGHT` of ``taxonomy``."""
    literals = {
        literal
        for concept in taxonomy.interventions
        if concept.id in SOUGHT
        for literal in _literals(concept)
    }
    stems = {word for word in literals if len(word) >= _STEM}
    stems = {word for word in stems if not any(o != word and o in word for o in stems)}
    words = {word for word in literals if not any(stem in word for stem in stems)}
    long, short = sorted(stems), sorted(words)
    ends = [w for w in short if not any(o != w and w.endswith(o) for o in short)]
    return Coarse(
        stems=tuple(long),
        words=tuple(short),
        fast=_any([*long, *(f"{word}{_AFTER}" for word in ends)]),
        whole=_any([*long, *([f"{_BEFORE}{_any(short, '')}{_AFTER}"] if short else [])]),
        varied=_any(
            [
                *map(_varied, long),
                *(f"{_BEFORE}{_any(list(map(_varied, short)), '')}{_AFTER}" for _ in short[:1]),
            ]
        ),
    )


def _any(patterns: list[str], flags: str = "(?i)") -> str:
    return f"{flags}(?:{'|'.join(patterns)})" if patterns else r"[^\s\S]"


def _literals(concept: Concept) -> set[str]:
    """A word for each term, without which the term cannot stand in a text."""
    terms = [
        [[_words(way) for way in part.split("|")] for part in term.split(" + ")]
        for term in (*concept.terms, *concept.weak_terms)
    ]
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
    return [fold_word(word.strip("=*")) for word in alternative.split() if word.strip("=*")]


@lru_cache(maxsize=1)
def _forms() -> dict[str, str]:
    """Letter → every sign outside ASCII that the tagger reads as it."""
    forms: defaultdict[str, list[str]] = defaultdict(list)
    for number in range(128, 0x110000):
        sign = chr(number)
        if sign.isalnum() and (plain := fold_word(sign).lower()).isascii() and len(plain) == 1:
            forms[plain].append(sign)
    return {letter: "".join(signs) for letter, signs in forms.items()}


def _varied(word: str) -> str:
    forms = _forms()
    letters = (f"(?:[{letter}{forms.get(letter, '')}]|{_CODED})" for letter in word)
    return "".join(f"{letter}[\u0300-\u036f]?" for letter in letters)
