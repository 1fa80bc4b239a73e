"""What arrives from outside, held against the base: read, tagged, known already, or new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from ipt_evidence.citations.deduplication import Deduplication, deduplicate
from ipt_evidence.citations.deduplication.results import unique_records
from ipt_evidence.citations.loading import LoadResult, load_text
from ipt_evidence.citations.tagging import tag_citations
from ipt_evidence.errors import CitationError
from ipt_evidence.evidence.base import EvidenceBase

__all__ = ["Intake", "RefusedFile", "assess", "decided", "each_once", "read_uploads"]


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
    ``repeated`` or ``doubtful``), ``same_as`` (key of the record that it repeats), ``same_in``
    (``base`` or ``upload``), ``score`` (0 to 1) and ``reason``.
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
    uploads: Iterable[tuple[str, bytes]], begun: Callable[[int, str], None] | None = None
) -> tuple[list[LoadResult], list[RefusedFile]]:
    """Read files that are in memory; one that cannot be read does not stop the others.

    ``begun`` is told the number (from 0) and name of each file before it is read.
    """
    loaded: list[LoadResult] = []
    refused: list[RefusedFile] = []
    for number, (name, content) in enumerate(uploads):
        if begun is not None:
            begun(number, name)
        try:
            loaded.append(load_text(content, name=name))
        except CitationError as err:
            refused.append(RefusedFile(name, str(err).removeprefix(f"{name}: ")))
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
    same_as, same_in, reason = [""] * total, [""] * total, [""] * total
    score = [float("nan")] * total

    def note(row: int, other: int, kind: str, likely: float, why: str) -> None:
        status[row], same_as[row], reason[row], score[row] = kind, keys[other], why, likely
        same_in[row] = "base" if other < known else "upload"

    for pair in found.review:
        first, second = sorted(pair.rows)
        if second >= known:
            note(second, first, "doubtful", pair.score, pair.reason)
    for group in found.groups:
        first, *others = sorted(group.rows)
        for row in others:
            kind = "in_base" if first < known else "repeated"
            note(row, first, kind, group.score, group.reason)
    table = pd.DataFrame(
        {
            "status": status,
            "same_as": same_as,
            "same_in": same_in,
            "score": score,
            "reason": reason,
        }
    )
    return table.iloc[known:].reset_index(drop=True)


def decided(intake: Intake, decisions: Mapping[str, bool]) -> Intake:
    """The intake after a person judged some of its pairs.

    ``decisions`` says of a record's key whether the record is the same publication as the one in
    ``same_as``: True merges what was doubtful, False undoes a merge and settles a doubt.
    """

    def status(key: str, before: str, same_in: str) -> str:
        if key not in decisions or not same_in:
            return before
        if not decisions[key]:
            return "new"
        return "in_base" if same_in == "base" else "repeated"

    columns = (intake.records[name] for name in ("key", "status", "same_in"))
    statuses = [status(*values) for values in zip(*columns, strict=True)]
    return replace(intake, records=intake.records.assign(status=statuses))


def each_once(intake: Intake) -> pd.DataFrame:
    """The upload's records with those that repeat each other merged: the best value of each field.

    The first record of each keeps its key, conditions and status.
    """
    records = intake.records.reset_index(drop=True)
    place = {key: row for row, key in enumerate(records["key"])}
    groups: dict[int, list[int]] = {}
    leader = list(range(len(records)))
    for row, (status, same) in enumerate(zip(records["status"], records["same_as"], strict=True)):
        if status == "repeated" and same in place:
            leader[row] = leader[place[same]]
            groups.setdefault(leader[row], [leader[row]]).append(row)
    once = unique_records(records, list(groups.values()))
    return once.assign(key=[str(sources[0]["key"]) for sources in once["sources"]])
