"""Finding studies by words and by what they are."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase

__all__ = ["StudyFilter", "find_studies"]


@dataclass(frozen=True, slots=True)
class StudyFilter:
    """What a reader looks for; an empty field restricts nothing.

    ``text`` holds words that must all occur, whatever their case and accents.
    """

    text: str = ""
    conditions: tuple[str, ...] = ()
    comparisons: tuple[str, ...] = ()
    designs: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    age_groups: tuple[str, ...] = ()
    usable: bool = False


def find_studies(base: EvidenceBase, wanted: StudyFilter) -> pd.DataFrame:
    """Studies that fit ``wanted``, newest first, with ``n_effects`` and ``n_usable``."""
    effects = base.effects.groupby("study_id")["include"]
    studies = base.studies.assign(
        n_effects=base.studies["study_id"].map(effects.size()).fillna(0).astype(int),
        n_usable=base.studies["study_id"].map(effects.sum()).fillna(0).astype(int),
    )
    keep = pd.Series(True, index=studies.index)
    for column, values in (
        ("conditions_all", wanted.conditions),
        ("comparisons", wanted.comparisons),
    ):
        if values:
            keep &= np.array([bool(set(values) & set(cell)) for cell in studies[column]])
    for column, values in (
        ("design", wanted.designs),
        ("format", wanted.formats),
        ("age_group", wanted.age_groups),
    ):
        if values:
            keep &= studies[column].isin(values)
    if wanted.usable:
        keep &= studies["n_usable"] > 0
    if terms := _fold(wanted.text).split():
        haystack = _haystacks(base)
        keep &= np.array([all(t in haystack[s] for t in terms) for s in studies["study_id"]])
    return (
        studies.loc[keep]
        .sort_values(["year", "label"], ascending=[False, True], kind="stable")
        .reset_index(drop=True)
    )


def _haystacks(base: EvidenceBase) -> dict[str, str]:
    """Everything searchable of each study as one folded text."""
    records = {record["key"]: record for record in base.references.to_dict("records")}
    instruments = base.instruments.set_index("instrument_id")[["label", "name"]].to_dict("index")
    texts: dict[str, list[object]] = {}
    for study in base.studies.to_dict("records"):
        parts = [study[name] for name in ("label", "population", "country", "treatment", "note")]
        parts += [base.taxonomy.condition(c).label for c in study["conditions_all"]]
        for key in study["references"]:
            if record := records.get(key):
                parts += [record["title"], record["container_title"], record["abstract"]]
                parts += [author.get("family") for author in record["authors"]]
        texts[study["study_id"]] = parts
    for effect in base.effects.to_dict("records"):
        texts[effect["study_id"]] += [effect[n] for n in ("outcome", "instrument", "comparator")]
        texts[effect["study_id"]] += instruments.get(effect["instrument"], {}).values()
    return {
        study_id: _fold(" ".join(str(part) for part in parts if isinstance(part, str)))
        for study_id, parts in texts.items()
    }


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
