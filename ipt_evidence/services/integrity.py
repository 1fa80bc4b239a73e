"""Was it retracted, doubted, corrected? What each service says, and what nobody was asked.

"Not checked" is a state of its own: a service that gave no answer never makes a record clean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ipt_evidence.errors import ServiceError
from ipt_evidence.services import crossref
from ipt_evidence.services.client import Client
from ipt_evidence.services.faults import Cancelled
from ipt_evidence.services.lookup import UNKNOWN, LookUp
from ipt_evidence.services.settings import LOOKED_UP, SERVICES
from ipt_evidence.services.works import Notice, Work

__all__ = ["Integrity", "check", "reverse_notices"]

STATUSES = (
    "not_checked",
    "unknown",
    "no_notice",
    "corrected",
    "expression_of_concern",
    "retracted",
)
"""From no answer to the gravest: not asked or no answer; asked, and no service knows the record;
known, and no notice about it; and the three kinds of notice."""

_STATUS_OF = {
    "retraction": "retracted",
    "concern": "expression_of_concern",
    "correction": "corrected",
    "republication": "corrected",
}


@dataclass(frozen=True, slots=True)
class Integrity:
    """What is known about one record. ``checked`` is the ISO date of the check, or empty.

    ``asked_of`` are services that gave an answer, ``no_answer`` those that were asked in vain.
    """

    key: str
    status: str
    checked: str = ""
    asked_of: tuple[str, ...] = ()
    no_answer: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    preprint: str = ""
    published_as: str = ""
    registry_ids: tuple[str, ...] = ()


def reverse_notices(
    client: Client, dois: Sequence[str]
) -> tuple[dict[str, tuple[Notice, ...]], set[str]]:
    """Notices that name one of ``dois``, and the DOIs about which Crossref gave no answer."""
    found: dict[str, list[Notice]] = {}
    failed: set[str] = set()
    size = SERVICES["crossref"].batch
    ordered = sorted(set(dois))
    for start in range(0, len(ordered), size):
        batch = ordered[start : start + size]
        try:
            page = crossref.notices_about(client, batch)
        except Cancelled:
            raise
        except ServiceError as error:
            client.health["crossref"].fail(error, 1)
            failed |= set(batch)
            continue
        client.health["crossref"].answer(1, 1)
        for work in page.works:
            for kind, doi in work.updates:
                if doi in batch:
                    notice = Notice(
                        kind, "crossref", doi=work.id, date=work.record.date or "",
                        text=work.record.title or "",
                    )  # fmt: skip
                    found.setdefault(doi, []).append(notice)
    return {doi: tuple(notices) for doi, notices in found.items()}, failed


def check(
    key: str,
    result: LookUp,
    today: str,
    *,
    services: Sequence[str] = LOOKED_UP,
    reverse: Iterable[Notice] = (),
    reverse_failed: bool = False,
) -> Integrity:
    """The state of one record after a look-up, with what a reverse look-up found."""
    works = result.works.get(key, [])
    failed = tuple(name for name in services if name in result.failed.get(key, {}))
    if reverse_failed and "crossref" not in failed:
        failed = (*failed, "crossref")
    notices = _each_once([*(n for work in works for n in work.notices), *reverse])
    # a service that knows the paper as retracted without a notice to show is believed, too
    flagged = [work.service for work in works if work.retracted]
    if flagged and not any(notice.kind == "retraction" for notice in notices):
        notices = (*notices, *(Notice("retraction", service) for service in flagged[:1]))
    statuses = {_STATUS_OF[notice.kind] for notice in notices}
    if statuses:
        status = max(statuses, key=STATUSES.index)
    elif works:
        status = "no_notice"
    else:
        # a doubtful match, or a record with nothing to look for, is no answer either
        answered = result.missing.get(key) == UNKNOWN and not failed
        status = "unknown" if answered else "not_checked"
    return Integrity(
        key=key,
        status=status,
        checked="" if status == "not_checked" else today,
        asked_of=tuple(dict.fromkeys(work.service for work in works)),
        no_answer=failed,
        notices=notices,
        preprint=_version(works, "preprint"),
        published_as=_version(works, "published"),
        registry_ids=tuple(
            dict.fromkeys(one for work in works for one in work.record.registry_ids)
        ),
    )


def _version(works: Sequence[Work], kind: str) -> str:
    return next((work.versions[kind] for work in works if kind in work.versions), "")


def _each_once(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Notices without those that a second service tells of, too: by kind, then DOI or PMID."""
    kept: list[Notice] = []
    for notice in notices:
        same = (
            other
            for other in kept
            if other.kind == notice.kind
            and (
                (notice.doi and notice.doi == other.doi)
                or (notice.pmid and notice.pmid == other.pmid)
            )
        )
        if next(same, None) is None:
            kept.append(notice)
    return tuple(kept)
