"""Metadata as JSON-LD: the data and reports in the words of schema.org, a bundle as an RO-Crate.

Search engines for data read schema.org/Dataset, reference managers schema.org/ScholarlyArticle.
https://developers.google.com/search/docs/appearance/structured-data/dataset

Repositories and workflow tools read RO-Crate 1.1, https://w3id.org/ro/crate/1.1
(Soiland-Reyes et al. 2022, doi:10.3233/DS-210053).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ipt_evidence.about import AUTHORS, PRODUCT, VERSION
from ipt_evidence.citations.writers.rows import is_corporate
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.package import DESCRIPTOR_FILE, LICENCE, released_on
from ipt_evidence.evidence.sources import Source
from ipt_evidence.exchange.feed import versions_of
from ipt_evidence.wording.plain import safe_url
from ipt_evidence.wording.tables import is_missing

__all__ = ["CRATE_FILE", "articles", "dataset", "json_ld", "ro_crate"]

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
    known = {name: None if is_missing(value) else value for name, value in record.items()}
    doi = known["doi"] and f"https://doi.org/{known['doi']}"
    journal = known["container_title"]
    pages = {
        "@type": "ScholarlyArticle",
        "@id": doi,
        "headline": known["title"],
        "author": [_person(one) for one in known["authors"] or ()],
        "datePublished": known["year"] and str(known["year"]),
        "isPartOf": journal and {"@type": "Periodical", "name": journal},
        "pagination": known["pages"],
        "sameAs": doi or safe_url(known["url"]),
        "identifier": known["pmid"] and f"PMID:{known['pmid']}",
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


CRATE_FILE = "ro-crate-metadata.json"
_TYPES = {
    "bib": "application/x-bibtex",
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "json": "application/json",
    "md": "text/markdown",
    "png": "image/png",
    "py": "text/x-python",
    "R": "text/x-r-source",
    "ris": "application/x-research-info-systems",
    "svg": "image/svg+xml",
}
_LANGUAGES = {"R": ("https://www.r-project.org/", "R"), "py": ("https://www.python.org/", "Python")}
_SPECIFICATION = "https://w3id.org/ro/crate/1.1"
_EXPLORER, _AUTHORS = {"@id": "#explorer"}, {"@id": "#authors"}
_ROOT = {"@id": "./"}
_OF_EVERY_CRATE = (
    {
        "@id": LICENCE["path"],
        "@type": "CreativeWork",
        "name": LICENCE["title"],
        "identifier": LICENCE["name"],
    },
    {**_AUTHORS, "@type": "Organization", "name": AUTHORS},
    {**_EXPLORER, "@type": "SoftwareApplication", "name": PRODUCT, "version": VERSION},
    {
        "@id": "#made",
        "@type": "CreateAction",
        "name": "Export of one view of the evidence base",
        "instrument": _EXPLORER,
        "result": _ROOT,
    },
    *(
        {"@id": address, "@type": "ComputerLanguage", "name": name, "url": address}
        for address, name in _LANGUAGES.values()
    ),
)


def ro_crate(
    base: EvidenceBase, title: str, answer: str, files: Iterable[str], used: Iterable[str]
) -> dict[str, Any]:
    """The crate of a bundle with these ``files`` (paths) that rests on the sources ``used`` (ids).

    The date of publication is that of the data version; a base that never released one has none.
    """
    paths = sorted(files)
    # Several of our sources may be parts of one data set.
    sources = {_address(base.sources[name]): base.sources[name] for name in used}
    released = released_on(base.folder)
    about = {
        "@id": CRATE_FILE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": _SPECIFICATION},
        "about": _ROOT,
    }
    root = {
        **_ROOT,
        "@type": "Dataset",
        "name": title,
        "description": answer,
        "version": base.version,
        **({"datePublished": released} if released else {}),
        "license": {"@id": LICENCE["path"]},
        "author": _AUTHORS,
        "isBasedOn": [{"@id": address} for address in sources],
        "hasPart": [{"@id": path} for path in paths],
        "mentions": {"@id": "#made"},
    }
    entities = [*map(_file, paths), *map(_source, sources.values()), *_OF_EVERY_CRATE]
    return {"@context": f"{_SPECIFICATION}/context", "@graph": [about, root, *entities]}


def _file(path: str) -> dict[str, Any]:
    ending = path.rpartition(".")[2]
    described: dict[str, Any] = {"@id": path, "@type": "File", "name": path.rpartition("/")[2]}
    described["encodingFormat"] = _TYPES.get(ending, "text/plain")
    if ending in _LANGUAGES:
        described["@type"] = ["File", "SoftwareSourceCode"]
        described["programmingLanguage"] = {"@id": _LANGUAGES[ending][0]}
    return described


def _address(source: Source) -> str:
    return source.address or f"#source-{source.id}"


def _source(source: Source) -> dict[str, Any]:
    described = {"@id": _address(source), "@type": "CreativeWork", "name": source.label}
    if source.attribution:
        described["creditText"] = source.attribution
    if source.licence_url:
        described["license"] = source.licence_url
    return described
