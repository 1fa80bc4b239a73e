"""Citations × taxonomy → tags, each with the words that matched and where they stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from ipt_evidence.citations.taxonomy import Concept, Taxonomy
from ipt_evidence.citations.terms import TERM, TRAP, WEAK, Match, TermIndex

__all__ = ["TAG_COLUMNS", "merge_curated", "tag_citations", "tag_text"]

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
