"""What arrives from outside, held against the base: read, tagged, known already, or new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from ipt_evidence.citations.deduplication import Deduplication, deduplicate
from ipt_evidence.citations.loading import LoadResult, load_text
from ipt_evidence.citations.tagging import tag_citations
from ipt_evidence.errors import CitationError
from ipt_evidence.evidence.base import EvidenceBase

__all__ = ["Intake", "RefusedFile", "assess", "read_uploads"]


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file of which nothing could be read, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Intake:
    """The records of an upload and what became of each.

    ``records`` has the columns of a citations table and, beside them, ``conditions`` (ids, most
    general first), ``matched`` (the words that matched), ``status`` (``new``, ``in_base``,
    ``repeated`` or ``doubtful``), ``same_as`` (key of the record that it repeats) and ``reason``.
    ``tags`` are all tags of the upload's records.
    """

    records: pd.DataFrame
    tags: pd.DataFrame
    rejected: pd.DataFrame
    repaired: pd.DataFrame
    files: pd.DataFrame
    refused: tuple[RefusedFile, ...] = ()

    def count(self, status: str) -> int:
        """How many records have this status."""
        return int((self.records["status"] == status).sum())


def read_uploads(
    uploads: Iterable[tuple[str, bytes]],
) -> tuple[list[LoadResult], list[RefusedFile]]:
    """Read files that are in memory; one that cannot be read does not stop the others."""
    loaded: list[LoadResult] = []
    refused: list[RefusedFile] = []
    for name, content in uploads:
        try:
            loaded.append(load_text(content, name=name))
        except CitationError as err:
            refused.append(RefusedFile(name, str(err)))
    return loaded, refused


def assess(
    base: EvidenceBase, loaded: Sequence[LoadResult], refused: Sequence[RefusedFile] = ()
) -> Intake:
    """Tag the records of an upload and compare them with the base and with one another.

    Nothing is merged and nothing enters the base: the upload is only described.
    """
    parts = [result.citations for result in loaded if len(result.citations)]
    citations = pd.concat(parts, ignore_index=True) if parts else base.references.iloc[:0]
    citations = citations.assign(key=_unique(citations["key"]))
    tags = tag_citations(citations, base.taxonomy)
    records = _with_conditions(base, citations, tags)
    found = deduplicate(pd.concat([base.references, citations], ignore_index=True))
    return Intake(
        records=records.join(_status(found, len(base.references))),
        tags=tags,
        rejected=_all(loaded, "rejected"),
        repaired=_all(loaded, "repaired"),
        files=_all(loaded, "files"),
        refused=tuple(refused),
    )


def _all(loaded: Sequence[LoadResult], table: str) -> pd.DataFrame:
    frames = [getattr(result, table) for result in loaded]
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()


def _unique(keys: Iterable[str]) -> list[str]:
    """Keys of several files together, each once: the second ``smith2020`` becomes ``-2``."""
    taken: set[str] = set()
    unique = []
    for key in keys:
        name, number = key, 2
        while name in taken:
            name, number = f"{key}-{number}", number + 1
        taken.add(name)
        unique.append(name)
    return unique


def _with_conditions(
    base: EvidenceBase, citations: pd.DataFrame, tags: pd.DataFrame
) -> pd.DataFrame:
    order = {condition.id: rank for rank, condition in enumerate(base.taxonomy.conditions)}
    own = tags.loc[tags["kind"] == "condition"]
    conditions: dict[str, list[str]] = {}
    matched: dict[str, list[str]] = {}
    for tag in own.to_dict("records"):
        conditions.setdefault(tag["key"], []).append(tag["value"])
        matched.setdefault(tag["key"], []).append(tag["matched"])
    keys = citations["key"]
    return citations.assign(
        conditions=pd.Series(
            [tuple(sorted(set(conditions.get(key, ())), key=order.__getitem__)) for key in keys],
            index=citations.index,
            dtype="object",
        ),
        matched=["; ".join(dict.fromkeys(matched.get(key, ()))) for key in keys],
    )


def _status(found: Deduplication, known: int) -> pd.DataFrame:
    """Status of each record after the first ``known``, which are those of the base."""
    keys = found.citations["key"].tolist()
    total = len(keys)
    status = ["new"] * total
    same_as = [""] * total
    reason = [""] * total
    for pair in found.review:
        first, second = sorted(pair.rows)
        if second >= known:
            status[second], same_as[second], reason[second] = "doubtful", keys[first], pair.reason
    for group in found.groups:
        first, *others = sorted(group.rows)
        for row in others:
            status[row] = "in_base" if first < known else "repeated"
            same_as[row], reason[row] = keys[first], group.reason
    table = pd.DataFrame({"status": status, "same_as": same_as, "reason": reason})
    return table.iloc[known:].reset_index(drop=True)
