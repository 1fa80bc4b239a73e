"""The trials behind the rows of a database, as rows of studies.csv, and their references."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ipt_evidence.citations.loading import load_text
from ipt_evidence.errors import CitationError
from ipt_evidence.exchange.metapsy.coding import Verdict, age_group, delivery, risk_of_bias
from ipt_evidence.exchange.metapsy.database import Row

__all__ = ["MatchedReference", "StudyKeys", "match_references", "repaired", "study_row"]

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


def repaired(text: str) -> str:
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
        text = repaired(printed)
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


_COUNTRIES = {"us": "USA", "u.s.": "USA", "uk": "UK", "u.k.": "UK", "can": "Canada"}
_REGIONS = frozenset({"eu", "eas", "oth", "au", "europe", "asia", "australia", "north america"})
_YEAR = re.compile(r"(?:19|20)\d\d[a-z]?\b")


def study_label(row: Row) -> str:
    """How figures name the study: "Stangier 2011"."""
    name = row.text("study")
    year = _year(row)
    family = _YEAR.sub("", name.split(",")[0]).strip(" -–")
    return f"{family} {year}".strip()


def _year(row: Row) -> str:
    found = _YEAR.search(row.text("study"))
    number = row.number("year")
    return found.group() if found else f"{number:.0f}" if number else ""


class StudyKeys:
    """Keys like ``ohara2000``, one for each name that a database gives a study."""

    def __init__(self) -> None:
        self._by_name: dict[str, str] = {}

    def key(self, row: Row) -> str:
        """The key of the row's study; names that would share one get a letter."""
        label = study_label(row)
        if label not in self._by_name:
            plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
            stem = re.sub(r"[^a-z0-9]", "", plain.lower()) or "study"
            taken = set(self._by_name.values())
            key = next(
                k for k in (stem, *(f"{stem}{n}" for n in "bcdefghijklmn")) if k not in taken
            )
            self._by_name[label] = key
        return self._by_name[label]


def study_row(
    study_id: str,
    rows: Sequence[Row],
    verdict: Verdict,
    effects: Sequence[Mapping[str, Any]],
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    """One study from its rows, which repeat its characteristics; the first that fills a cell wins.

    ``facts`` brings what the rows do not hold: conditions, references, source_id, source_url,
    percent_unit (1 or 100).
    """
    first = rows[0]
    level, rating = _first(rows, risk_of_bias) or ("", "")
    women = _number(rows, "percent_women")
    country = _country(first.text("country"))
    usable = any(effect["include"] for effect in effects)
    year = _year(first)
    return {
        "study_id": study_id,
        "label": study_label(first),
        "year": int(year[:4]) if year else None,
        "references": facts["references"],
        "conditions": ";".join(facts["conditions"]),
        "comparisons": ";".join(dict.fromkeys(effect["comparison"] for effect in effects)),
        "design": "rct",  # the standard holds randomised trials only
        "ipt_variant": verdict.variant if verdict.decision == "ipt" else "ipt_based",
        "treatment": first.text("detail_arm1") or first.text("multi_arm1") or "IPT",
        "format": _first(rows, lambda row: delivery(row.text("format"))) or "",
        "n_sessions": _number(rows, "n_sessions_arm1"),
        "age_group": _first(rows, age_group) or "",
        "mean_age": _number(rows, "mean_age"),
        "percent_women": None if women is None else round(women * facts["percent_unit"], 2),
        "country": country,
        "country_basis": "seen" if country else "",
        "n_randomised": _randomised(first),
        "rob": level,
        "rob_detail": rating,
        "no_effect_reason": "" if usable else effects[0]["include_reason"],
        "note": f"Found as IPT by a rule: {verdict.reason}",
        "source_id": facts["source_id"],
        "source_url": facts["source_url"],
        "quote": effects[0]["quote"],
    }


def _country(text: str) -> str:
    return "" if text.lower() in _REGIONS else _COUNTRIES.get(text.lower(), text)


def _first(rows: Sequence[Row], read: Any) -> Any:
    found = (read(row) for row in rows)
    return next((value for value in found if value and any(value)), None)


def _number(rows: Sequence[Row], name: str) -> float | None:
    return next((row.numbers[name] for row in rows if name in row.numbers), None)


def _randomised(row: Row) -> int | None:
    """Both arms together; unknown for a trial with more arms than the row's two."""
    arms = [row.number("rand_arm1"), row.number("rand_arm2")]
    if row.text("multi_arm1") or None in arms:
        return None
    return int(sum(arm for arm in arms if arm is not None))
