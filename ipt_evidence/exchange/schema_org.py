"""The data and the reports of a study in the words of schema.org, as JSON-LD.

Search engines for data read schema.org/Dataset, reference managers schema.org/ScholarlyArticle.
https://developers.google.com/search/docs/appearance/structured-data/dataset
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ipt_evidence.about import AUTHORS, PRODUCT
from ipt_evidence.citations.writers.rows import is_corporate
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.package import DESCRIPTOR_FILE, LICENCE
from ipt_evidence.exchange.feed import versions_of
from ipt_evidence.wording.plain import safe_url
from ipt_evidence.wording.tables import is_missing

__all__ = ["articles", "dataset", "json_ld"]

_CONTEXT = "https://schema.org"


def dataset(folder: Path, address: str, tables: Sequence[str]) -> dict[str, Any]:
    """The base in ``folder`` as a schema.org/Dataset.

    Parameters
    ----------
    folder
        Where ``datapackage.json`` and ``CHANGES.md`` are.
    address
        Where the explorer is reached, with a slash at its end.
    tables
        Addresses of tables as CSV, below ``address``.

    Raises
    ------
    DataError
        When there is no descriptor that can be read.
    """
    path = folder / DESCRIPTOR_FILE
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise DataError(f"{path} cannot be read ({err}). `describe` writes it") from err
    team = {"@type": "Organization", "name": AUTHORS}
    versions = versions_of(folder)
    dates = {"datePublished": versions[-1].date, "dateModified": versions[0].date}
    sources = [one for one in facts.get("sources", ()) if "path" in one]
    return {
        "@type": "Dataset",
        "@id": address,
        "url": address,
        "name": facts["title"],
        "description": facts["description"],
        "license": LICENCE["path"],
        "isAccessibleForFree": True,
        "creator": team,
        "publisher": team,
        "inLanguage": "en",
        "keywords": ["interpersonal psychotherapy", "meta-analysis", "randomised controlled trial"],
        "measurementTechnique": "meta-analysis",
        "variableMeasured": "Hedges g; positive favours interpersonal psychotherapy",
        **({"version": facts["version"]} if "version" in facts else {}),
        **(dates if versions else {}),
        "includedInDataCatalog": {"@type": "DataCatalog", "name": PRODUCT, "url": address},
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": "text/csv",
             "name": table.rpartition("/")[2], "contentUrl": f"{address}{table}"}
            for table in tables
        ],
        "isBasedOn": [
            {"@type": "CreativeWork", "name": one["title"], "url": one["path"]} for one in sources
        ],
    }  # fmt: skip


def articles(base: EvidenceBase, study_id: str) -> list[dict[str, Any]]:
    """The reports of a study as schema.org/ScholarlyArticle; none where it is not known."""
    found = base.studies.loc[base.studies["study_id"] == study_id, "references"]
    keys = [key for own in found for key in own]
    records = base.references.loc[base.references["key"].isin(keys)]
    return [_article(record) for record in records.to_dict("records")]  # type: ignore[arg-type]


def _article(record: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: None if is_missing(value) else value for name, value in record.items()}
    doi = told["doi"] and f"https://doi.org/{told['doi']}"
    journal = told["container_title"]
    pages = {
        "@type": "ScholarlyArticle",
        "@id": doi,
        "headline": told["title"],
        "author": [_person(one) for one in told["authors"] or ()],
        "datePublished": told["year"] and str(told["year"]),
        "isPartOf": journal and {"@type": "Periodical", "name": journal},
        "pagination": told["pages"],
        "sameAs": doi or safe_url(told["url"]),
        "identifier": told["pmid"] and f"PMID:{told['pmid']}",
    }
    return {name: value for name, value in pages.items() if value}


def _person(author: Mapping[str, str]) -> dict[str, str]:
    if is_corporate(author):
        return {"@type": "Organization", "name": author.get("family", "")}
    family, given = author.get("family", ""), author["given"]
    return {"@type": "Person", "name": f"{given} {family}".strip(), "givenName": given,
            **({"familyName": family} if family else {})}  # fmt: skip


def json_ld(things: Sequence[Mapping[str, Any]]) -> str:
    """``things`` as one JSON-LD document that may stand in a script element of a page.

    "<" is escaped: no text from data can end the element.
    """
    document = {"@context": _CONTEXT, "@graph": list(things)}
    return json.dumps(document, ensure_ascii=False).replace("<", "\\u003c")
