"""Unpaywall: where a paper can be read free of charge, by its DOI.

Documented at https://unpaywall.org/products/api and https://unpaywall.org/data-format. It wants an
e-mail address with every question.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from ipt_evidence.citations.identifiers import find_doi
from ipt_evidence.errors import ServiceError
from ipt_evidence.services.client import Client
from ipt_evidence.services.faults import ChangedShape, NotFound
from ipt_evidence.services.works import inner, text

__all__ = ["FreeText", "by_doi", "parse_reply"]

SERVICE = "unpaywall"


@dataclass(frozen=True, slots=True)
class FreeText:
    """A free copy of a paper. ``version`` and ``licence`` are Unpaywall's words, empty if unknown.

    ``version`` is publishedVersion, acceptedVersion or submittedVersion.
    """

    doi: str
    url: str
    version: str = ""
    licence: str = ""


def parse_reply(reply: dict[str, Any]) -> FreeText | None:
    """The best free copy; None where there is none.

    Raises ChangedShape for a reply that names no DOI or does not say whether the paper is free.
    """
    doi = find_doi(text(reply, "doi"))
    if doi is None or not isinstance(reply.get("is_oa"), bool):
        raise ChangedShape("Unpaywall: the reply has no doi or no is_oa")
    best = inner(reply, "best_oa_location")
    address = text(best, "url_for_landing_page") or text(best, "url") or text(best, "url_for_pdf")
    if not reply["is_oa"] or urlsplit(address).scheme not in ("http", "https"):
        return None
    return FreeText(doi, address, text(best, "version"), text(best, "license"))


def by_doi(client: Client, doi: str) -> FreeText | None:
    """The best free copy of one paper; None where Unpaywall knows none.

    Raises ServiceError where no contact address is set, or no answer comes.
    """
    if not client.settings.contact:
        raise ServiceError(
            "Unpaywall wants an e-mail address with every question: set IPT_EVIDENCE_CONTACT"
        )
    try:
        return parse_reply(client.json(SERVICE, quote(doi, safe="/"), {}))
    except NotFound:
        return None
