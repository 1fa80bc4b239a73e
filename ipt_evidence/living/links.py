"""Who cites whom: what our papers build on, who builds on them, and what the base may be missing.

Two measures, both counted and none learned: a work that many of our papers cite, and a work that
cites many of our papers. The network is kept in one file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ipt_evidence.errors import DataError, ServiceError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.files import write_atomically
from ipt_evidence.living.runs import living_folder
from ipt_evidence.services.faults import Cancelled
from ipt_evidence.services.works import Work

if TYPE_CHECKING:  # it opens connections: whoever only reads the network does without
    from ipt_evidence.services.client import Client

__all__ = [
    "Links",
    "Suggestion",
    "linked_reports",
    "load_links",
    "needed",
    "save_links",
    "suggestions",
]

FILE = "links.json"
_CITED = 25  # papers whose citing works are asked for in one question
_PAGES = 4  # of 100 citing works each, at most, a question


@dataclass(frozen=True, slots=True)
class Outside:
    """A work outside the base, as a reader meets it."""

    id: str
    title: str
    year: int | None = None
    doi: str = ""
    cited_by: int | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """The citation network as of ``date``; empty when nobody asked for it yet.

    ``ours`` maps our keys to OpenAlex identifiers, ``references`` our keys to what they cite,
    ``citing`` outside works to what they cite, ``outside`` describes the works outside.
    """

    date: str = ""
    ours: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    citing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outside: Mapping[str, Outside] = field(default_factory=dict)


def load_links(folder: Path) -> Links:
    """The stored network of the base in ``folder``. Raises DataError when the file is broken."""
    path = living_folder(folder) / FILE
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return Links(
            date=str(document["date"]),
            ours=dict(document["ours"]),
            references={key: tuple(ids) for key, ids in document["references"].items()},
            citing={key: tuple(ids) for key, ids in document["citing"].items()},
            outside={one["id"]: Outside(**one) for one in document["outside"]},
        )
    except FileNotFoundError:
        return Links()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as err:
        raise DataError(f"{path} cannot be read ({err}). Remove it, and run enrich") from err


def needed(base: EvidenceBase, links: Links, condition: str, *, most: int = 10) -> list[Suggestion]:
    """Works that the base lacks and that several papers of ``condition`` are tied to."""
    studies = base.studies
    keys = {
        key
        for conditions, references in zip(
            studies["conditions_all"], studies["references"], strict=True
        )
        if condition in conditions
        for key in references
    }
    ours = {key: name for key, name in links.ours.items() if key in keys}
    own = {name for key, name in links.ours.items() if key not in keys}
    found = suggestions(
        {key: links.references.get(key, ()) for key in ours}, links.citing, ours, most=most * 4
    )
    return [one for one in found if one.id not in own and one.id in links.outside][:most]


def save_links(
    base: EvidenceBase,
    client: Client,
    works: Mapping[str, list[Work]],
    *,
    citing: bool,
    progress: Callable[[str, int, int], None],
) -> Links:
    """Store what the looked-up works cite and, if asked, who cites them.

    Works outside are described when at least two of our papers are tied to them. A service that
    fails leaves the older file as it is.
    """
    own = {key: work for key, found in works.items() for work in found
           if work.service == "openalex" and not key.startswith("article:")}  # fmt: skip
    ours = {key: work.id for key, work in own.items()}
    references = {key: work.references for key, work in own.items()}
    if not ours:
        return load_links(base.folder)
    described: dict[str, Outside] = {}
    around: dict[str, tuple[str, ...]] = {}
    try:
        if citing:
            around = _citing(client, sorted(ours.values()), described, progress)
        tied = suggestions(references, around, ours, most=500)
        _describe(client, [one.id for one in tied], described, progress)
    except Cancelled:
        return load_links(base.folder)
    except ServiceError as error:
        client.health["openalex"].fail(error, 1)
        return load_links(base.folder)
    kept = {one.id for one in tied}
    links = Links(
        date=client.clock.today().isoformat(),
        ours=ours,
        references=references,
        citing={name: cited for name, cited in around.items() if name in kept},
        outside={name: one for name, one in described.items() if name in kept},
    )
    document = asdict(links) | {"outside": [asdict(one) for one in links.outside.values()]}
    path = living_folder(base.folder) / FILE
    write_atomically(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    return links


def _describe(
    client: Client,
    ids: list[str],
    described: dict[str, Outside],
    progress: Callable[[str, int, int], None],
) -> None:
    """Add those of the works ``ids`` that are not described yet."""
    from ipt_evidence.services import openalex

    wanted = [one for one in ids if one not in described]
    for start in range(0, len(wanted), 100):
        for work in openalex.by_id(client, wanted[start : start + 100]).works:
            described[work.id] = _outside(work)
        progress("cited works", min(start + 100, len(wanted)), len(wanted))


def _citing(
    client: Client,
    ids: list[str],
    described: dict[str, Outside],
    progress: Callable[[str, int, int], None],
) -> dict[str, tuple[str, ...]]:
    from ipt_evidence.services import openalex

    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(ids), _CITED):
        cursor = ""
        for _ in range(_PAGES):
            page = openalex.citing(client, ids[start : start + _CITED], cursor)
            client.health["openalex"].answer(1, 1)
            for work in page.works:
                found[work.id] = work.references
                described[work.id] = _outside(work)
            cursor = page.cursor
            if not cursor or not page.works:
                break
        progress("citing works", min(start + _CITED, len(ids)), len(ids))
    return found


def _outside(work: Work) -> Outside:
    record = work.record
    return Outside(work.id, record.title or "", record.year, record.doi or "", work.cited_by)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A work that is not ours, with our papers that cite it and that it cites, by key."""

    id: str
    cited_by: tuple[str, ...]
    cites: tuple[str, ...]

    @property
    def score(self) -> int:
        """How many of our papers it is tied to; a paper that counts both ways counts twice."""
        return len(self.cited_by) + len(self.cites)


def suggestions(
    references: Mapping[str, Collection[str]],
    citing: Mapping[str, Collection[str]],
    ours: Mapping[str, str],
    *,
    at_least: int = 2,
    most: int = 20,
) -> list[Suggestion]:
    """Works outside the base that are tied to at least ``at_least`` of its papers.

    Parameters
    ----------
    references : mapping
        Our key → identifiers of works that it cites.
    citing : mapping
        Identifier of a work outside → identifiers that it cites.
    ours : mapping
        Our key → identifier; these are never suggested.
    """
    own = set(ours.values())
    cited_by: dict[str, list[str]] = {}
    for key in sorted(references):
        for name in dict.fromkeys(references[key]):
            if name not in own:
                cited_by.setdefault(name, []).append(key)
    keys = {name: key for key, name in sorted(ours.items(), reverse=True)}
    cites = {
        name: tuple(sorted({keys[one] for one in cited if one in keys}))
        for name, cited in citing.items()
        if name not in own
    }
    found = [
        Suggestion(name, tuple(cited_by.get(name, ())), cites.get(name, ()))
        for name in {*cited_by, *cites}
    ]
    tied = [one for one in found if one.score >= at_least]
    return sorted(tied, key=lambda one: (-one.score, one.id))[:most]


def linked_reports(records: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Registry identifier → keys of the records that name it, where there are several.

    ``records`` maps keys to registry identifiers; such records report one trial.
    """
    found: dict[str, list[str]] = {}
    for key, names in records.items():
        for name in names:
            found.setdefault(name, []).append(key)
    return {name: tuple(keys) for name, keys in sorted(found.items()) if len(keys) > 1}
