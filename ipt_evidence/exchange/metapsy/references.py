"""References of a database, which are text, as bibliographic records with their DOIs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ipt_evidence.citations.loading import load_text
from ipt_evidence.errors import CitationError

__all__ = ["MatchedReference", "match_references", "mended"]

_MOJIBAKE = re.compile(r"[ÃÂâ][\x80-\xbf€-™ -¿]")


@dataclass(frozen=True, slots=True)
class MatchedReference:
    """A study's reference: as printed, its DOI, and where the DOI comes from.

    ``matched``: ``given`` (the text holds the DOI), ``base`` (the same title stands in the base's
    bibliography under ``base_key``), ``none``, or ``unreadable``.
    """

    study_id: str
    text: str
    title: str
    doi: str
    matched: str
    base_key: str = ""


def mended(text: str) -> str:
    """Text that was UTF-8, read as Latin-1 and saved again, as it was; any other text unchanged."""
    if not _MOJIBAKE.search(text):
        return text
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def match_references(
    texts: dict[str, str], known: pd.DataFrame
) -> tuple[list[MatchedReference], pd.DataFrame]:
    """Parse the reference of each study and find its DOI.

    Parameters
    ----------
    texts
        Study id → reference as the database prints it.
    known
        Bibliography of the base: a record of the same title lends its DOI.

    Returns
    -------
    list of MatchedReference, DataFrame
        One entry a study, and the records that could be read, keyed by study id.
    """
    titles = {
        _plain(str(row["title"])): row for row in known.to_dict("records") if pd.notna(row["title"])
    }
    matches, records = [], []
    for study_id, printed in texts.items():
        text = mended(printed)
        record = _record(text)
        if record is None:
            matches.append(MatchedReference(study_id, text, "", "", "unreadable"))
            continue
        title = "" if pd.isna(record["title"]) else str(record["title"])
        doi = "" if pd.isna(record["doi"]) else str(record["doi"])
        same = titles.get(_plain(title)) if title else None
        how = "given" if doi else "none"
        if not doi and same is not None and pd.notna(same["doi"]):
            doi, how = str(same["doi"]), "base"
        key = "" if same is None else str(same["key"])
        matches.append(MatchedReference(study_id, text, title, doi, how, key))
        records.append({**record, "key": study_id, "doi": doi or None})
    frame = pd.DataFrame(records, columns=known.columns)
    return matches, frame


def _record(text: str) -> dict[str, Any] | None:
    try:
        found = load_text(text, "reference").citations
    except CitationError:
        return None
    return None if found.empty else {str(k): v for k, v in found.iloc[0].items()}


def _plain(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", title.casefold())
