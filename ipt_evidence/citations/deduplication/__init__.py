"""The same publication from several databases → one record.

features.py   what of a record is compared, folded once; pages and volumes as numbers
titles.py     how two titles go together; numerals; erratum, reply and protocol in a title
scoring.py    a pair → points and reasons: identifiers, title, authors, journal, place
grouping.py   pairs worth comparing, related pairs, groups without contradictions
results.py    a group → its best values; what comes out, and how a merge is undone

Two records with different DOIs are never merged, not even through a third.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from ipt_evidence.citations.deduplication.features import (
    Features,
    digests_of,
    distrust_shared,
    features_of,
)
from ipt_evidence.citations.deduplication.grouping import (
    RELATION_KINDS,
    Clusters,
    candidate_pairs,
    relation_of,
)
from ipt_evidence.citations.deduplication.results import (
    Deduplication,
    DoubtfulPair,
    DuplicateGroup,
    Relation,
)
from ipt_evidence.citations.deduplication.scoring import (
    MERGE,
    REVIEW,
    Comparison,
    compare,
    probability,
)

__all__ = [
    "MAX_REVIEW",
    "MERGE",
    "RELATION_KINDS",
    "Deduplication",
    "DoubtfulPair",
    "DuplicateGroup",
    "Relation",
    "deduplicate",
    "deduplicate_parts",
    "links_among",
]

_Link = tuple[float, int, int, str]
_COPY = 4.0
"""Points that a record must have with itself to be taken for a copy of an equal one."""
MAX_REVIEW = 20_000
"""More doubtful pairs than this help nobody; the likeliest are kept."""


def deduplicate(
    citations: pd.DataFrame, *, merge_from: float = MERGE, review_from: float = REVIEW
) -> Deduplication:
    """Find the records of ``citations`` that are the same publication, and merge them.

    Parameters
    ----------
    citations : DataFrame
        As `loading.load_citations` gives it; any index. Columns that are missing count as unknown.
    merge_from, review_from : float
        Points (see `scoring`) from which a pair is merged, and from which it is shown for review.

    Returns
    -------
    Deduplication
        ``unique``, ``groups``, ``review``, ``relations``; ``undo``, ``split`` and ``join`` change
        them. The order of the records does not change which are merged, but for exact ties.

    Notes
    -----
    Identifiers, places and titles make blocks; only records that share one are compared, so the
    time grows about linearly with their number. Two DOIs or two registry ids never come into one
    group; a pair that is otherwise the same is put up for review.
    """
    return _deduplicated(
        citations, features_of(citations), digests_of(citations), merge_from, review_from
    )


def deduplicate_parts(parts: Iterable[pd.DataFrame]) -> Deduplication:
    """As `deduplicate` finds duplicates in all ``parts`` together, keeping what that takes.

    ``citations`` and ``unique`` of the result have the columns key, source_file, source_line and
    title alone; of the rest only what is compared is held, about 1 kB a record.
    """
    kept: list[pd.DataFrame] = []
    features: list[Features] = []
    digests: list[bytes | None] = []
    for part in parts:
        kept.append(part[["key", "source_file", "source_line", "title"]])
        features += features_of(part)
        digests += digests_of(part)
    citations = pd.concat(kept, ignore_index=True)
    return _deduplicated(citations, features, digests, MERGE, REVIEW)


def _deduplicated(
    citations: pd.DataFrame,
    features: list[Features],
    digests: list[bytes | None],
    merge_from: float,
    review_from: float,
) -> Deduplication:
    distrust_shared(features)
    clusters = Clusters(features)
    representatives = _collapse(features, digests, clusters, merge_from)
    links, doubtful, related = _compare_all(features, representatives, merge_from, review_from)
    for points, one, two, reason in sorted(links, key=lambda link: (-link[0], link[1], link[2])):
        problem = clusters.join(one, two, points, reason)
        if problem:
            doubtful.append((min(points, MERGE), one, two, f"{reason}; {problem}"))
    return Deduplication(
        citations=citations,
        groups=_groups(clusters),
        review=_review(doubtful, clusters),
        relations=_relations(related, clusters),
    )


def _collapse(
    features: list[Features], digests: list[bytes | None], clusters: Clusters, merge_from: float
) -> list[int]:
    """Join records whose every compared field is equal; returns one position of each set.

    Where the equal fields say too little (a short title and a year), only copies are joined:
    records whose original fields are equal to the letter.
    """
    equal: dict[Features, list[int]] = {}
    for position, record in enumerate(features):
        equal.setdefault(record, []).append(position)
    for record, positions in equal.items():
        points = compare(record, record).points if len(positions) > 1 else 0.0
        if points >= merge_from:
            clusters.start(positions, points, "equal in every compared field")
        elif points >= _COPY:
            copies: dict[bytes, list[int]] = {}
            for position in positions:
                if (digest := digests[position]) is not None:
                    copies.setdefault(digest, []).append(position)
            for same in copies.values():
                if len(same) > 1:
                    clusters.start(same, merge_from, "a copy: equal in every original field")
    return [position for position in range(len(features)) if clusters.find(position) == position]


def _compare_all(
    features: list[Features], representatives: list[int], merge_from: float, review_from: float
) -> tuple[list[_Link], list[_Link], list[_Link]]:
    """Pairs to merge, pairs to review, and related pairs."""
    links: list[_Link] = []
    doubtful: list[_Link] = []
    related: list[_Link] = []
    chosen = [features[position] for position in representatives]
    for first, second in candidate_pairs(chosen):
        found = compare(chosen[first], chosen[second])
        one, two = representatives[first], representatives[second]
        relation = relation_of(chosen[first], chosen[second], found)
        if relation:
            related.append((found.points, one, two, f"{relation}|{found.reason}"))
        elif found.barred:
            if found.points >= (merge_from + review_from) / 2:
                doubtful.append((found.points, one, two, _barred_reason(found)))
        elif found.points >= merge_from:
            links.append((found.points, one, two, found.reason))
        elif found.points >= review_from:
            doubtful.append((found.points, one, two, found.reason))
    return links, doubtful, related


def links_among(features: list[Features]) -> tuple[list[_Link], list[_Link]]:
    """Pairs of ``features`` to merge and to review: points, the two positions, the reason."""
    links, doubtful, _ = _compare_all(features, list(range(len(features))), MERGE, REVIEW)
    return links, doubtful


def _barred_reason(found: Comparison) -> str:
    return f"{found.barred}; otherwise {found.reason}"


def _groups(clusters: Clusters) -> tuple[DuplicateGroup, ...]:
    groups = []
    for rows in clusters.groups():
        points, reason = min(_spanning(clusters.links(rows[0]), len(rows)))
        groups.append(DuplicateGroup(tuple(rows), probability(points), reason))
    return tuple(groups)


def _spanning(links: list[tuple[float, str]], size: int) -> list[tuple[float, str]]:
    """The strongest links, as many as hold ``size`` records together."""
    return sorted(links, reverse=True)[: max(1, size - 1)]


def _review(doubtful: list[_Link], clusters: Clusters) -> tuple[DoubtfulPair, ...]:
    """Each pair of groups once, the likeliest first."""
    best: dict[tuple[int, int], _Link] = {}
    for link in sorted(doubtful, key=lambda item: (-item[0], item[1], item[2])):
        one, two = sorted((clusters.find(link[1]), clusters.find(link[2])))
        if one != two:
            best.setdefault((one, two), link)
    chosen = list(best.values())[:MAX_REVIEW]
    return tuple(
        DoubtfulPair((one, two), probability(points), reason) for points, one, two, reason in chosen
    )


def _relations(related: list[_Link], clusters: Clusters) -> tuple[Relation, ...]:
    kept: dict[tuple[int, int, str], Relation] = {}
    for _, one, two, text in related:
        kind, _, reason = text.partition("|")
        first, second = sorted((clusters.find(one), clusters.find(two)))
        if first != second:
            pair = (one, two) if one < two else (two, one)
            kept.setdefault((first, second, kind), Relation(pair, kind, reason))
    return tuple(sorted(kept.values(), key=lambda relation: relation.rows))
