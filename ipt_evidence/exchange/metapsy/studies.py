"""The trials behind the rows of a database, as rows of studies.csv."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from ipt_evidence.exchange.metapsy.codes import age_group, delivery, risk_of_bias
from ipt_evidence.exchange.metapsy.dialect import Row
from ipt_evidence.exchange.metapsy.recognition import Verdict

__all__ = ["StudyKeys", "study_label", "study_row"]

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
    country = first.text("country")
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
        "country": _COUNTRIES.get(country.lower(), _country(country)),
        "country_basis": "seen" if _COUNTRIES.get(country.lower(), _country(country)) else "",
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
    return "" if text.lower() in _REGIONS else text


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
