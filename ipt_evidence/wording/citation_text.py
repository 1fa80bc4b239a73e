"""A reference as one line of text, for reading; formatted styles come from a CSL processor."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ipt_evidence.wording.tables import NOT_REPORTED, is_missing

__all__ = ["author_line", "authors_and_year", "citation_line", "places", "reference_url"]

_NAMES_SHOWN = 3


def citation_line(record: Mapping[str, Any]) -> str:
    """Authors (year). Title. Container, volume(issue), pages: what is known of it, in this order.

    ``record`` is a row of a citations table. What is missing is left out, never filled in.
    """
    year = "" if is_missing(record["year"]) else f" ({int(record['year'])})"
    head = f"{author_line(record['authors'], cut=bool(record['et_al']))}{year}".strip()
    parts = [head, _known(record, "title"), _place(record)]
    return " ".join(_sentence(part) for part in parts if part) or str(record["key"])


def author_line(authors: Sequence[Mapping[str, str]], *, cut: bool = False) -> str:
    """Up to three family names; more become "et al.".

    ``cut`` says that there are more authors than ``authors`` names (the column ``et_al``).
    """
    names = [str(author.get("family") or author.get("given") or "") for author in authors]
    names = [name for name in names if name]
    cut = cut or len(names) > _NAMES_SHOWN
    shown = names[: 1 if cut else _NAMES_SHOWN]
    if cut:
        return f"{shown[0]} et al." if shown else ""
    if len(shown) > 1:
        return f"{', '.join(shown[:-1])} & {shown[-1]}"
    return shown[0] if shown else ""


def authors_and_year(record: Mapping[str, Any]) -> str:
    """Who wrote it and when, without punctuation: "Weissman et al. 1979"."""
    year = "" if is_missing(record["year"]) else f" {int(record['year'])}"
    return f"{author_line(record['authors'], cut=bool(record['et_al'])) or NOT_REPORTED}{year}"


def reference_url(record: Mapping[str, Any]) -> str | None:
    """Where the paper can be opened: its DOI, else PubMed, PMC, the address of the record."""
    if not is_missing(record["doi"]):
        return f"https://doi.org/{record['doi']}"
    if not is_missing(record["pmid"]):
        return f"https://pubmed.ncbi.nlm.nih.gov/{record['pmid']}/"
    if not is_missing(record["pmcid"]):
        return f"https://pmc.ncbi.nlm.nih.gov/articles/{record['pmcid']}/"
    return None if is_missing(record["url"]) else str(record["url"])


def places(record: Mapping[str, Any] | None, seen: str) -> list[tuple[str, str]]:
    """Words and address of each place that shows a number: the publication, then where we read it.

    ``record`` is the publication that reports the number, None where the base has no record of it;
    ``seen`` the address at which the number was read, "" where that is not known.
    """
    own = None if record is None else reference_url(record)
    found = [("open the publication", own)] if own else []
    if seen and seen != own:
        parts = urlsplit(seen)
        host = (parts.hostname or seen).removeprefix("www.")
        line = re.fullmatch(r"L(\d+)", parts.fragment)  # of a file in a repository
        found.append((f"where we read it: {host}{f', line {line[1]}' if line else ''}", seen))
    return found


def _place(record: Mapping[str, Any]) -> str:
    container, volume = _known(record, "container_title"), _known(record, "volume")
    issue, pages = _known(record, "issue"), _known(record, "pages")
    numbered = f"{volume}({issue})" if volume and issue else volume
    return ", ".join(part for part in (container, numbered, pages.replace("--", "–")) if part)


def _known(record: Mapping[str, Any], field: str) -> str:
    return "" if is_missing(record[field]) else str(record[field])


def _sentence(part: str) -> str:
    return part if part.endswith((".", "?", "!")) else f"{part}."
