"""Citations × taxonomy → tags, each with the words that matched and where they stand."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import pandas as pd

from ipt_evidence.citations.taxonomy import Concept, Taxonomy

__all__ = [
    "TAG_COLUMNS",
    "Match",
    "TermIndex",
    "fold_word",
    "merge_curated",
    "tag_citations",
    "tag_text",
]

TERM, WEAK, TRAP = range(3)
"""Roles of a term: it counts; it counts unless a trap stands in the record; it is a trap."""

_WORD = re.compile(r"[^\W_]+")
_BREAK = re.compile(r"[.!?;]")
_SEPARATING = re.compile(r"[.!?;:,()\[\]{}<>|]")
_PREFIX = 3
_MAX_CACHED = 200_000

_Pattern = tuple[str, ...]
_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Match:
    """A term found: whose it is, its role, and from where to where each of its parts stands."""

    owner: int
    role: int
    spans: tuple[_Place, ...]


@lru_cache(maxsize=100_000)
def fold_word(word: str) -> str:
    """A word as it is compared: without case or accents, in plain letters."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


class _StartCache(dict[str, tuple[tuple[_Pattern, int], ...]]):
    """Word as it stands → the patterns that may start with it, and their parts."""

    def __init__(self, index: TermIndex) -> None:
        super().__init__()
        self._index = index

    def __missing__(self, word: str) -> tuple[tuple[_Pattern, int], ...]:
        if len(self) >= _MAX_CACHED:
            self.clear()
        found = self._index.starting_with(fold_word(word)) + self._index.written(word)
        self[word] = found
        return found


class TermIndex:
    """Terms of many owners (concepts, numbered), ready to be looked for in texts."""

    def __init__(self) -> None:
        self._exact: dict[str, list[tuple[_Pattern, int]]] = {}
        self._stems: dict[str, list[tuple[_Pattern, int]]] = {}
        self._endings: list[tuple[_Pattern, int]] = []
        self._written: dict[str, list[tuple[_Pattern, int]]] = {}
        self._terms: list[tuple[int, int, tuple[int, ...]]] = []
        self._terms_of: list[list[int]] = []
        self._parts: dict[str, int] = {}
        self._longest = 1
        self._cache = _StartCache(self)

    def add(self, term: str, owner: int, role: int = TERM) -> None:
        """Add ``term`` for ``owner``; ValueError when it holds no word."""
        parts = tuple(self._part(part) for part in term.split(" + "))
        number = len(self._terms)
        self._terms.append((owner, role, parts))
        for part in set(parts):
            self._terms_of[part].append(number)

    def _part(self, text: str) -> int:
        """Number of a part; its alternatives stand between ``|``."""
        if text in self._parts:
            return self._parts[text]
        number = self._parts[text] = len(self._terms_of)
        self._terms_of.append([])
        for alternative in text.split("|"):
            if alternative.startswith("=") and len(_WORD.findall(alternative)) == 1:
                word = alternative.strip("= ")
                self._written.setdefault(word, []).append(((alternative,), number))
                continue
            pattern = tuple(
                "".join(fold_word(piece) for piece in re.split(r"(\*)", word))
                for word in alternative.split()
            )
            if not pattern or not all(word.strip("*") for word in pattern):
                raise ValueError(f"a term without words: {text!r}")
            self._add_pattern(pattern, number)
        self._cache.clear()
        return number

    def _add_pattern(self, pattern: _Pattern, part: int) -> None:
        self._longest = max(self._longest, len(pattern))
        first = pattern[0]
        if first.startswith("*") or (first.endswith("*") and len(first) <= _PREFIX):
            self._endings.append((pattern, part))
        elif first.endswith("*"):
            self._stems.setdefault(first[:_PREFIX], []).append((pattern, part))
        else:
            self._exact.setdefault(first, []).append((pattern, part))

    def starting_with(self, word: str) -> tuple[tuple[_Pattern, int], ...]:
        """Patterns whose first word is ``word``, and their parts."""
        wild = [*self._stems.get(word[:_PREFIX], ()), *self._endings]
        return (
            *self._exact.get(word, ()),
            *(item for item in wild if _same(item[0][0], word)),
        )

    def written(self, word: str) -> tuple[tuple[_Pattern, int], ...]:
        """Acronyms that are written exactly as ``word`` is, and their parts."""
        return tuple(self._written.get(word, ()))

    def find(self, text: str) -> list[Match]:
        """Every term that stands in ``text``, in the order of the terms."""
        words = _WORD.findall(text)
        starting = self._cache
        hits = [
            (position, found) for position, word in enumerate(words) if (found := starting[word])
        ]
        if not hits:
            return []
        needed = hits[-1][0] + self._longest
        spans = [match.span() for match in islice(_WORD.finditer(text), needed)]
        places: dict[int, list[_Place]] = {}
        in_capitals = text.isupper()  # where BED may be a bed
        for position, found in hits:
            follows = fold_word(words[position + 1]) if position + 1 < len(words) else ""
            for pattern, part in found:
                end = spans[position][1]
                if in_capitals and pattern[0][0] == "=":
                    continue
                if len(pattern) > 1:
                    if pattern[1] != follows and "*" not in pattern[1]:
                        continue  # most fail at their second word
                    end = _end_of(pattern, words, spans, position, text)
                if end:
                    places.setdefault(part, []).append((spans[position][0], end))
        return self._matches(places, text) if places else []

    def _matches(self, places: dict[int, list[_Place]], text: str) -> list[Match]:
        numbers = sorted({number for part in places for number in self._terms_of[part]})
        breaks: list[int] | None = None
        matches: list[Match] = []
        for number in numbers:
            owner, role, parts = self._terms[number]
            if len(parts) == 1:
                matches += [Match(owner, role, (span,)) for span in places[parts[0]]]
            elif all(part in places for part in parts):
                if breaks is None:
                    breaks = [match.start() for match in _BREAK.finditer(text)]
                together = _together([places[part] for part in parts], breaks)
                if together:
                    matches.append(Match(owner, role, together))
        return matches


def _end_of(
    pattern: _Pattern, words: list[str], spans: list[_Place], position: int, text: str
) -> int:
    """End of ``pattern`` in the text when it starts at word ``position``, otherwise 0.

    Between its words nothing but space, hyphens, slashes and quotation marks may stand.
    """
    if position + len(pattern) > len(words):
        return 0
    for offset in range(1, len(pattern)):
        here = position + offset
        if not _same(pattern[offset], fold_word(words[here])):
            return 0
        gap = text[spans[here - 1][1] : spans[here][0]]
        if gap != " " and gap != "-" and _SEPARATING.search(gap):
            return 0
    return spans[position + len(pattern) - 1][1]


def _same(wanted: str, word: str) -> bool:
    if wanted[-1] == "*":
        stem = wanted[:-1]
        return stem[1:] in word if stem[0] == "*" else word.startswith(stem)
    return word.endswith(wanted[1:]) if wanted[0] == "*" else word == wanted


def _together(parts: list[list[_Place]], breaks: list[int]) -> tuple[_Place, ...]:
    """Spans of the first sentence that holds all parts; empty when none does."""
    by_sentence = [
        {bisect(breaks, start): (start, end) for start, end in reversed(part)} for part in parts
    ]
    sentences = set(by_sentence[0]).intersection(*by_sentence[1:])
    if not sentences:
        return ()
    first = min(sentences)
    return tuple(part[first] for part in by_sentence)


TAG_COLUMNS = ("key", "kind", "value", "source", "matched", "field")

_ANYWHERE = ("title", "keywords", "abstract")
_KINDS = ("condition", "design", "population", "intervention")


@dataclass(frozen=True, slots=True)
class _Rules:
    """A taxonomy prepared for searching: one owner number per concept."""

    concepts: list[tuple[str, Concept]]
    index: TermIndex


@lru_cache(maxsize=4)
def _prepare(taxonomy: Taxonomy) -> _Rules:
    concepts: list[tuple[str, Concept]] = []
    groups = (taxonomy.conditions, taxonomy.designs, taxonomy.populations, taxonomy.interventions)
    for kind, group in zip(_KINDS, groups, strict=True):
        concepts += [(kind, concept) for concept in group]
    index = TermIndex()
    for owner, (_, concept) in enumerate(concepts):
        roles = ((concept.terms, TERM), (concept.weak_terms, WEAK), (concept.traps, TRAP))
        for words, role in roles:
            for term in words:
                index.add(term, owner, role)
    return _Rules(concepts, index)


def tag_citations(citations: pd.DataFrame, taxonomy: Taxonomy) -> pd.DataFrame:
    """Tags that the rules of ``taxonomy`` give to each citation.

    Parameters
    ----------
    citations : DataFrame
        As `loading.load_citations` gives it; ``title``, ``keywords`` and ``abstract`` are read.
    taxonomy : Taxonomy
        Terms and traps.

    Returns
    -------
    DataFrame
        Columns key, kind (condition, design, population, intervention), value (id), source
        (``rule``), matched (the words as they stand, several joined by ``; ``), field (title,
        keywords or abstract). A child comes with its parent. One row per key, kind and value.

    Notes
    -----
    Conditions are taken from title and keywords; only a record whose title and keywords name none
    is judged by its abstract, where conditions are often mentioned that were not studied. Without
    a match there is no tag.
    """
    rules = _prepare(taxonomy)
    rows: list[tuple[str, str, str, str, str, str]] = []
    for key, title, keywords, abstract in _texts(citations):
        fields = {"title": title, "keywords": keywords, "abstract": abstract}
        rows += [
            (key, kind, value, "rule", words, field)
            for kind, value, words, field in _tags(fields, rules)
        ]
    return pd.DataFrame(rows, columns=list(TAG_COLUMNS), dtype="str")


def tag_text(title: str, taxonomy: Taxonomy, *, abstract: str = "") -> list[tuple[str, str, str]]:
    """Tags of a single text as (kind, value, matched words)."""
    fields = {"title": title, "keywords": "", "abstract": abstract}
    return [(kind, value, words) for kind, value, words, _ in _tags(fields, _prepare(taxonomy))]


def _texts(citations: pd.DataFrame) -> Iterable[tuple[str, str, str, str]]:
    def texts(column: str) -> list[str]:
        if column not in citations:
            return [""] * len(citations)
        return [value if isinstance(value, str) else "" for value in citations[column]]

    lists: Iterable[object] = citations.get("keywords", [None] * len(citations))
    keywords = [". ".join(map(str, item)) if isinstance(item, list) else "" for item in lists]
    return zip(texts("key"), texts("title"), keywords, texts("abstract"), strict=True)


def _tags(fields: dict[str, str], rules: _Rules) -> list[tuple[str, str, str, str]]:
    found: dict[int, tuple[list[str], str]] = {}
    matches = {name: rules.index.find(fields[name]) for name in _ANYWHERE if fields[name]}
    traps = {name: [item for item in matches[name] if item.role == TRAP] for name in matches}
    vetoed = {trap.owner for each in traps.values() for trap in each}
    for name, matched in matches.items():
        named = any(rules.concepts[owner][0] == "condition" for owner in found)
        for match in matched:
            if match.role == TRAP or (match.role == WEAK and match.owner in vetoed):
                continue
            if traps[name] and _is_trapped(match, traps[name]):
                continue
            if name == "abstract" and named and rules.concepts[match.owner][0] == "condition":
                continue
            texts, field = found.setdefault(match.owner, ([], name))
            if field == name:
                texts += [fields[name][start:end] for start, end in match.spans]
    return _rows(found, rules)


def _is_trapped(match: Match, traps: list[Match]) -> bool:
    """Whether a part of ``match`` stands inside a trap of the same concept."""
    for trap in traps:
        if trap.owner != match.owner:
            continue
        for trap_start, trap_end in trap.spans:
            if any(start < trap_end and end > trap_start for start, end in match.spans):
                return True
    return False


def _rows(
    found: dict[int, tuple[list[str], str]], rules: _Rules
) -> list[tuple[str, str, str, str]]:
    rows: dict[tuple[str, str], tuple[str, str]] = {}
    for owner in sorted(found):
        kind, concept = rules.concepts[owner]
        texts, field = found[owner]
        words = "; ".join(_longest(texts))
        rows.setdefault((kind, concept.id), (words, field))
        if kind == "condition" and concept.parent:
            rows.setdefault((kind, concept.parent), (words, field))
    return [(kind, value, words, field) for (kind, value), (words, field) in rows.items()]


def _longest(texts: list[str]) -> list[str]:
    """``texts`` once each, without those that stand inside a longer one."""
    unique = list(dict.fromkeys(texts))
    return [text for text in unique if not any(text != other and text in other for other in unique)]


def merge_curated(tags: pd.DataFrame, curated: pd.DataFrame) -> pd.DataFrame:
    """Rule-made ``tags`` with curated ones in their place.

    Where ``curated`` (columns as ``tags``) says anything about a key and kind, only what it says
    about that key and kind is kept; all other rule-made tags stay. Rows come in the order of
    ``tags``, then ``curated``.
    """
    if curated.empty:
        return tags.reset_index(drop=True)
    judged = set(zip(curated["key"], curated["kind"], strict=True))
    kept = [pair not in judged for pair in zip(tags["key"], tags["kind"], strict=True)]
    columns = list(TAG_COLUMNS)
    return pd.concat([tags.loc[kept, columns], curated[columns]], ignore_index=True).astype("str")
