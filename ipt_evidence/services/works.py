"""What a service says about one publication, in one shape for all services."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from ipt_evidence.citations.records import Record
from ipt_evidence.services.faults import ChangedShape

__all__ = [
    "Notice",
    "Page",
    "Work",
    "inner",
    "inner_list",
    "objects",
    "reply_list",
    "text",
    "texts",
    "whole",
]


@dataclass(frozen=True, slots=True)
class Notice:
    """A retraction, an expression of concern or a correction that was published about a work.

    ``kind`` is ``retraction``, ``concern``, ``correction`` or ``republication``; ``doi``, ``pmid``
    and ``date`` (ISO, as far as known) are those of the notice. ``said_by`` is the service.
    """

    kind: str
    said_by: str
    doi: str = ""
    pmid: str = ""
    date: str = ""
    text: str = ""


@dataclass(slots=True)
class Work:
    """One publication as one service describes it.

    ``retracted`` is None where the service says nothing about it. ``updates`` are the DOIs that
    this work is itself a notice about, with the kind of notice. ``versions`` maps ``preprint`` and
    ``published`` to DOIs. ``references`` are identifiers of cited works in the service's own form
    (OpenAlex: ``W...``).
    """

    service: str
    id: str
    record: Record
    retracted: bool | None = None
    notices: tuple[Notice, ...] = ()
    updates: tuple[tuple[str, str], ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    types: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    cited_by: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as the steps of a run keep them; the record's ``raw`` fields stay out."""
        document = asdict(self)
        document["record"].pop("raw")
        return document

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Work:
        """The work that `to_dict` wrote."""
        values = dict(document)
        values["record"] = Record(**{**document["record"], "raw": {}})
        values["notices"] = tuple(Notice(**notice) for notice in document["notices"])
        values["updates"] = tuple((kind, doi) for kind, doi in document["updates"])
        for name in ("types", "references"):
            values[name] = tuple(document[name])
        return cls(**values)


@dataclass(slots=True)
class Page:
    """What one reply holds: works, how many there are in all, and how to ask for the next page.

    ``unreadable`` says for each item that could not be read why; its neighbours are kept.
    """

    works: list[Work] = field(default_factory=list)
    total: int = 0
    cursor: str = ""
    unreadable: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls, items: Iterable[Any], parse: Callable[[Any], Work], total: Any, cursor: Any
    ) -> Page:
        """The works that ``parse`` makes of ``items``, with what the reply says of the whole."""
        page = cls(total=whole(total) or 0, cursor=cursor if isinstance(cursor, str) else "")
        for item in items:
            try:
                page.works.append(parse(item))
            except ChangedShape as error:
                page.unreadable.append(str(error))
        return page


def objects(reply: dict[str, Any], *path: str, service: str) -> dict[str, Any]:
    """The object at ``path`` of ``reply``; ChangedShape, with the place, when there is none."""
    found: Any = reply
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        raise ChangedShape(f"{service}: the reply has no object {'.'.join(path)}")
    return found


def reply_list(reply: dict[str, Any], *path: str, service: str) -> list[Any]:
    """The list at ``path`` of ``reply``; ChangedShape when there is none."""
    holder = objects(reply, *path[:-1], service=service) if len(path) > 1 else reply
    found = holder.get(path[-1])
    if not isinstance(found, list):
        raise ChangedShape(f"{service}: the reply has no list {'.'.join(path)}")
    return found


def text(item: dict[str, Any], name: str) -> str:
    """The text at ``name`` without outer space; empty where there is none."""
    value = item.get(name)
    return value.strip() if isinstance(value, str) else ""


def inner(item: dict[str, Any], name: str) -> dict[str, Any]:
    """The object at ``name``; empty where there is none."""
    value = item.get(name)
    return value if isinstance(value, dict) else {}


def inner_list(item: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of the list at ``name``; empty where there is none."""
    value = item.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """The texts of a list; empty where ``value`` is none."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def whole(value: Any) -> int | None:
    """``value`` where it is a whole number; otherwise None."""
    return value if isinstance(value, int) else None
