"""Studies side by side: one column a study, one row a question, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from ipt_evidence.analyses.studies.related import related
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.wording import tables
from ipt_evidence.wording.citation_text import citation_line
from ipt_evidence.wording.phrases import upper_first
from ipt_evidence.wording.studies import NO_REFERENCE, effect_title, study_facts, warnings

__all__ = ["FEWEST", "MOST", "comparison_caption", "comparison_table"]

FEWEST, MOST = 2, 4
NONE = "none"
_Rows = Callable[[EvidenceBase, "pd.Series[Any]", pd.DataFrame], str]


@cached
def comparison_table(base: EvidenceBase, studies: Sequence[str]) -> pd.DataFrame:
    """Facts of the studies with these ids: a column ``Question``, then one column a study.

    Several lines of one cell are parted by line breaks. Studies that the base does not hold are
    left out.
    """
    held = set(base.studies["study_id"])
    columns: dict[str, list[str]] = {}
    for study_id in studies:
        if study_id not in held:
            continue
        study = base.study(study_id)
        effects = base.effects.loc[base.effects["study_id"] == study_id]
        cells = dict(study_facts(study, base.taxonomy))
        cells |= {name: make(base, study, effects) for name, make in _ROWS.items()}
        columns[str(study["label"])] = [cells[name] for name in ORDER]
    return pd.DataFrame({"": list(ORDER), **columns}, dtype="object")


def comparison_caption(table: pd.DataFrame) -> str:
    """Name what stands side by side."""
    names = list(table.columns[1:])
    return f"{', '.join(names[:-1])} and {names[-1]}, fact by fact"


def _arms(base: EvidenceBase, study: pd.Series[Any], effects: pd.DataFrame) -> str:
    arms = [str(arm) for arm in effects["comparator"].dropna().unique()]
    if not arms:
        arms = [base.taxonomy.comparison(c).label for c in study["comparisons"]]
    return "\n".join(upper_first(arm) for arm in arms) or tables.NOT_REPORTED


def _outcomes(base: EvidenceBase, study: pd.Series[Any], effects: pd.DataFrame) -> str:
    labels = dict(zip(base.instruments["instrument_id"], base.instruments["label"], strict=True))
    seen: dict[str, None] = {}
    for effect in effects.to_dict("records"):
        instrument = effect["instrument"]
        measured = (
            "" if tables.is_missing(instrument) else f" ({labels.get(instrument, instrument)})"
        )
        seen[f"{upper_first(str(effect['outcome']))}{measured}"] = None
    return "\n".join(seen) or tables.NOT_REPORTED


def _results(base: EvidenceBase, study: pd.Series[Any], effects: pd.DataFrame) -> str:
    pooled = effects.loc[effects["include"].astype(bool)]
    lines = [effect_title(effect, base.instruments) for _, effect in pooled.iterrows()]
    if lines:
        return "\n".join(lines)
    reason = study["no_effect_reason"]
    return f"{upper_first(NONE)}. {reason}" if not tables.is_missing(reason) else upper_first(NONE)


def _others(base: EvidenceBase, study: pd.Series[Any], effects: pd.DataFrame) -> str:
    number = int((~effects["include"].astype(bool)).sum())
    return tables.count(number) if number else NONE


def _warnings(base: EvidenceBase, study: pd.Series[Any], effects: pd.DataFrame) -> str:
    return "\n".join(warnings(study, effects)) or NONE


def _reports(base: EvidenceBase, study: pd.Series[Any], effects: pd.DataFrame) -> str:
    records = [record for key in study["references"] if (record := base.reference(key))]
    return "\n".join(citation_line(record) for record in records) or NO_REFERENCE


def _sources(base: EvidenceBase, study: pd.Series[Any], effects: pd.DataFrame) -> str:
    found = related(base, str(study["study_id"])).sources
    return "\n".join(dict.fromkeys(base.sources[source].label for source, _, _ in found))


def _year(base: EvidenceBase, study: pd.Series[Any], effects: pd.DataFrame) -> str:
    return tables.NOT_REPORTED if tables.is_missing(study["year"]) else f"{int(study['year'])}"


def _comparison(base: EvidenceBase, study: pd.Series[Any], effects: pd.DataFrame) -> str:
    return ", ".join(base.taxonomy.comparison(c).label for c in study["comparisons"]) or (
        tables.NOT_REPORTED
    )


_ROWS: dict[str, _Rows] = {
    "Year": _year,
    "Compared with": _comparison,
    "Arms beside IPT": _arms,
    "Outcomes": _outcomes,
    "Results that may be pooled": _results,
    "Further results": _others,
    "Warnings": _warnings,
    "Reports": _reports,
    "Where the numbers come from": _sources,
}
ORDER = (
    "Year",
    "Design",
    "Conditions",
    "Who",
    "People",
    "Country",
    "Treatment",
    "Format",
    "Compared with",
    "Arms beside IPT",
    "Outcomes",
    "Results that may be pooled",
    "Further results",
    "Risk of bias",
    "Warnings",
    "Reports",
    "Where the numbers come from",
)
