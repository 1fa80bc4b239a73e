"""The metadata of a bundle as an RO-Crate, as repositories and workflow tools read them.

RO-Crate 1.1, https://w3id.org/ro/crate/1.1 (Soiland-Reyes et al. 2022, doi:10.3233/DS-210053).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ipt_evidence.about import AUTHORS, PRODUCT, VERSION
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.package import LICENCE, released_on
from ipt_evidence.evidence.sources import Source

__all__ = ["FILE", "ro_crate"]

FILE = "ro-crate-metadata.json"
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
_EXPLORER, _AUTHORS = {"@id": "#explorer"}, {"@id": "#authors"}


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
    root = {
        "@id": "./",
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
    return {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {
                "@id": FILE,
                "@type": "CreativeWork",
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
                "about": {"@id": "./"},
            },
            root,
            *(_file(path) for path in paths),
            *(_source(source) for source in sources.values()),
            {
                "@id": LICENCE["path"],
                "@type": "CreativeWork",
                "name": LICENCE["title"],
                "identifier": LICENCE["name"],
            },
            {"@id": _AUTHORS["@id"], "@type": "Organization", "name": AUTHORS},
            {
                "@id": _EXPLORER["@id"],
                "@type": "SoftwareApplication",
                "name": PRODUCT,
                "version": VERSION,
            },
            {
                "@id": "#made",
                "@type": "CreateAction",
                "name": "Export of one view of the evidence base",
                "instrument": _EXPLORER,
                "result": {"@id": "./"},
            },
            *(
                {"@id": address, "@type": "ComputerLanguage", "name": name, "url": address}
                for address, name in _LANGUAGES.values()
            ),
        ],
    }


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
