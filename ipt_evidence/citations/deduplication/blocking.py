"""Which pairs are worth comparing: those that share a key, never all.

Records that share a key form a block. A large block is sorted by title and each record meets only
its neighbours there, so that the number of pairs grows with the number of records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from ipt_evidence.citations.deduplication.features import Features

__all__ = ["candidate_pairs"]

MAX_WHOLE_BLOCK = 12
"""Larger blocks are compared by neighbours only."""
WINDOW = 8
"""How many neighbours each record of a large block meets."""
_KEY_LENGTH = 14
_LONG_START = 25
_MIN_RATIO = 65
"""Pairs that share no identifier and no place must have titles at least so alike (percent)."""


def candidate_pairs(features: Sequence[Features]) -> Iterator[tuple[int, int]]:
    """Pairs of positions, the smaller first, each once."""
    seen: set[int] = set()
    count = len(features)
    for family in ("identifier", "place", "title", "title end", "author"):
        blocks: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
        for position, record in enumerate(features):
            for key in _keys(family, record):
                blocks[key].append(position)
        filtered = family not in ("identifier", "place")
        for members in blocks.values():
            if len(members) < 2:
                continue
            for one, two in _pairs_within(members, features, family):
                code = one * count + two if one < two else two * count + one
                if code in seen:
                    continue
                seen.add(code)
                if filtered and not _worth_comparing(features[one], features[two]):
                    continue
                yield (one, two) if one < two else (two, one)


def _keys(family: str, record: Features) -> list[tuple[object, ...]]:
    title = record.title
    keys: list[tuple[object, ...]] = []
    if family == "identifier":
        for name in ("doi", "pmid"):
            if (identifier := getattr(record, name)) and name not in record.distrusted:
                keys.append((name, identifier))
        keys += [("registry", record.registry)] if record.registry else []
    elif family == "place" and record.pages is not None and record.year and record.volume:
        keys = [(record.year, record.volume, record.pages.first)]
    elif family == "title" and title.compact:
        keys = [(title.compact[:_KEY_LENGTH],)]
        if title.core and title.core[:_KEY_LENGTH] != title.compact[:_KEY_LENGTH]:
            keys.append((title.core[:_KEY_LENGTH],))
    elif family == "title end" and len(title.compact) > _KEY_LENGTH:
        keys = [(title.compact[-_KEY_LENGTH:],)]
    elif family == "author" and record.families and record.year and title.words:
        keys = [(record.families[0], record.year, max(title.words, key=len))]
    return keys


def _pairs_within(
    members: list[int], features: Sequence[Features], family: str
) -> Iterator[tuple[int, int]]:
    if len(members) <= MAX_WHOLE_BLOCK:
        for place, one in enumerate(members):
            for two in members[place + 1 :]:
                yield one, two
        return
    if family == "title end":
        members = sorted(members, key=lambda item: features[item].title.compact[::-1])
    else:
        members = sorted(members, key=lambda item: features[item].title.core)
    for place, one in enumerate(members):
        for two in members[place + 1 : place + 1 + WINDOW]:
            yield one, two


def _worth_comparing(one: Features, two: Features) -> bool:
    if one.title.compact[:_LONG_START] == two.title.compact[:_LONG_START]:
        return True
    if fuzz.ratio(one.title.compact, two.title.compact, score_cutoff=_MIN_RATIO) > 0:
        return True
    return bool(one.title.core and two.title.core) and (
        fuzz.ratio(one.title.core, two.title.core, score_cutoff=_MIN_RATIO) > 0
    )
