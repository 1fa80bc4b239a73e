"""The article's printed references against what the services say: its citation errors, found.

The curated audit stays what it is; this is a second reader who can only compare.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ipt_evidence.citations.loading import load_citations
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.living.corrections import ARTICLE, Correction
from ipt_evidence.services.completion import DIFFERENT, MISSING, compare
from ipt_evidence.services.works import Work

__all__ = ["printed_differences", "printed_references", "sentences_of"]

_FIELDS = ("title", "authors", "year", "container_title", "type", "volume", "issue", "pages")
_TITLES = ("title", "authors", "et_al", "year")


def printed_references(base: EvidenceBase) -> pd.DataFrame:
    """The ten references as printed, keyed ``article:1`` to ``article:10``.

    DOI and PubMed identifier come from the verified record, so that the right paper is asked for.
    """
    path = base.folder / "article_references.txt"
    printed = load_citations([path]).citations if path.exists() else base.references.iloc[:0]
    rows = printed.to_dict("records")
    found = []
    for row, audited in zip(rows, base.audit.references, strict=False):
        record: dict[str, Any] = base.reference(audited.key) or {}
        ids = {name: record.get(name) for name in ("doi", "pmid", "pmcid")}
        found.append(
            {
                **{str(name): value for name, value in row.items()},
                **ids,
                "key": f"{ARTICLE}{audited.number}",
            }
        )
    return pd.DataFrame(found, columns=printed.columns).astype(printed.dtypes.to_dict())


def printed_differences(
    printed: pd.DataFrame, works: dict[str, list[Work]], today: str
) -> list[Correction]:
    """In what each printed reference lacks or contradicts what the services hold.

    "Et al." is a style and no error, nor is a missing DOI; a first author who is another is one.
    """
    found = []
    for row in printed.to_dict("records"):
        ours = {str(name): value for name, value in row.items()}
        for one in compare(ours, works.get(str(row["key"]), []), today, fields=_FIELDS):
            if one.kind == MISSING and one.field in ("authors", "type"):
                continue
            found.append(
                Correction(
                    one.key, one.field, one.kind, one.ours, one.theirs, one.source, one.date,
                    ";".join(one.also),
                )
            )  # fmt: skip
    return found


_NAMES = {
    "container_title": "journal or book",
    "type": "kind of publication",
    "authors": "first author",
}
_TYPES = {
    "article": "a journal article",
    "incollection": "a chapter of a book",
    "book": "a book",
    "unpublished": "a preprint",
    "phdthesis": "a thesis",
    "techreport": "a report",
}


def sentences_of(corrections: Iterable[Correction], label: str = "The article") -> list[str]:
    """``The article gives pages 1-7; Crossref has 323.`` for each difference."""
    from ipt_evidence.services.settings import SERVICES

    found = []
    for one in corrections:
        name = _NAMES.get(one.field, one.field)
        ours, theirs = (_TYPES.get(text, text) for text in (one.ours, one.theirs))
        source = SERVICES[one.source].label if one.source in SERVICES else one.source
        if one.kind == DIFFERENT:
            found.append(f"{label} gives {name} {ours}; {source} has {theirs}.")
        else:
            found.append(f"{label} gives no {name}; {source} has {theirs}.")
    return found
