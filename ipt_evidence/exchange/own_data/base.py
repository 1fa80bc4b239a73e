"""Effects of a reader's own table as an evidence base: in memory for the analyses, or as files.

A study of the table becomes a study of the base, a row an effect. What the table does not say is
missing, as in any base; every number names the line it stands in. Nothing is written here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ipt_evidence.citations.records import CITATION_COLUMNS
from ipt_evidence.citations.taxonomy import Concept, Taxonomy
from ipt_evidence.citations.writers import write_citations
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.claims import Audit
from ipt_evidence.evidence.csv_tables import LINE, csv_text, frame_of, frame_of_columns
from ipt_evidence.evidence.derivation import derive_effects, with_intervals
from ipt_evidence.evidence.estimation import Model
from ipt_evidence.evidence.files import zipped
from ipt_evidence.evidence.integrity import integrity_rows
from ipt_evidence.evidence.names import Names, names_text
from ipt_evidence.evidence.package import DESCRIPTOR_FILE, descriptor_text
from ipt_evidence.evidence.schema import EFFECTS, INSTRUMENTS, INTEGRITY, POOLED, STUDIES, Table
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.sources import Source
from ipt_evidence.evidence.starting import NO_CLAIMS, taxonomy_with, toml
from ipt_evidence.evidence.view import View
from ipt_evidence.exchange.own_data.checks import checks_of
from ipt_evidence.exchange.own_data.effects import Effects
from ipt_evidence.meta_analysis.distributions import critical_value
from ipt_evidence.meta_analysis.escalc import MEASURES
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = ["OwnNames", "base_of", "can_be_saved", "named_by", "saved", "study_keys", "view_of"]

CONDITION, COMPARISON, SOURCE = "own", "own", "own-table"
DOMAIN = "other"
NO_ADDRESS = "https://own-data.invalid/"  # a name that RFC 2606 keeps from ever being one
SYMBOLS = {"SMD": "g", "OR": "ln OR", "PETO": "ln OR", "RR": "ln RR", "IRR": "ln IRR", "ROM":
           "ln ROM", "ZCOR": "z", "COR": "r", "GEN": "the effect"}  # fmt: skip
_ODDS = ("OR", "PETO")
_ROB = {
    **dict.fromkeys(("low", "l", "low risk", "+"), "low"),
    **dict.fromkeys(("some concerns", "some", "moderate", "s"), "some_concerns"),
    **dict.fromkeys(("high", "h", "high risk", "serious", "critical"), "high"),
    **dict.fromkeys(("unclear", "unclear risk", "?", "u"), "unclear"),
}
_OF_EVERY_EFFECT = {
    "source_id": SOURCE,
    "comparison": COMPARISON,
    "outcome_domain": DOMAIN,
    "time": "post",
    "verified": True,
    "check": "none",
    "extraction": "single",
    "include": True,
    "include_reason": "A row of the table",
}
_ARMS = (("m", "mean"), ("sd", "sd"), ("n", "n"), ("e", "events"))


@dataclass(frozen=True, slots=True)
class OwnNames:
    """What a reader calls the treatment, the comparison and what was measured."""

    treatment: str = "the treatment"
    comparison: str = "the comparison"
    outcome: str = "the outcome"


def named_by(effects: Effects) -> OwnNames:
    """Names that the table itself gives: those of most of its rows."""
    usual = OwnNames()
    found = []
    for meaning, default in (
        ("arm1", usual.treatment), ("arm2", usual.comparison), ("outcome", usual.outcome),
    ):  # fmt: skip
        column = effects.mapped.get(meaning)
        cells = effects.table.cells[column].iloc[effects.rows["place"]] if column else pd.Series()
        words = cells[cells.ne("") & ~cells.str.fullmatch(r"[\d.\s-]*")] if len(cells) else cells
        top = words.mode()
        # One word for most rows names them all; a mix has no name.
        named = len(top) and (words == top.iloc[0]).mean() > 0.5
        found.append(str(top.iloc[0])[:60] if named else default)
    return OwnNames(*found)


def view_of(model: Model | None = None, excluded: tuple[str, ...] = ()) -> View:
    """The one question that can be asked of such a base."""
    return View(Question(CONDITION, COMPARISON, excluded=excluded), model or Model())


def base_of(effects: Effects, names: OwnNames | None = None) -> EvidenceBase:
    """The effects as a base in memory, in the metric of their measure."""
    called = names or named_by(effects)
    kind = MEASURES[effects.measure]
    keys = study_keys(effects)
    columns = _effect_columns(effects, keys) | _derived(effects)
    effect_frame = with_intervals(frame_of_columns(columns, EFFECTS))
    studies = frame_of_columns(_study_columns(effects, keys, called), STUDIES)
    studies["conditions_all"] = studies["conditions"]
    studies["comparisons"] = [(COMPARISON,)] * len(studies)
    digest = _fingerprint(effects)
    return EvidenceBase(
        folder=Path("own data in memory"),
        studies=studies,
        effects=effect_frame,
        joined=effect_frame.merge(studies, on="study_id", suffixes=("", "_study")),
        pooled=frame_of([], POOLED),
        instruments=frame_of([], INSTRUMENTS),
        integrity=integrity_rows(()),
        references=_references(effects),
        taxonomy=_taxonomy(called),
        audit=Audit(),
        sources={SOURCE: Source(SOURCE, effects.table.name, "table")},
        searches=(),
        problems=(),
        fingerprint=digest,
        version=digest,
        names=Names(
            called.treatment,
            called.comparison,
            kind.label,
            SYMBOLS.get(effects.measure, effects.measure),
            kind.standardised or effects.measure == "GEN",
        ),
    )


def _references(effects: Effects) -> pd.DataFrame:
    if effects.references is not None:
        return effects.references
    return pd.DataFrame({name: [] for name in CITATION_COLUMNS}, dtype="object")


def _fingerprint(effects: Effects) -> str:
    """Of all that the effects follow from: the cells, and how they were read."""
    cells = effects.table.cells.to_csv(index=False, lineterminator="\n")
    joined = _rows_references(effects)
    return hashlib.sha256(f"{effects.settings}\n{joined}\n{cells}".encode()).hexdigest()[:12]


def _rows_references(effects: Effects) -> list[str]:
    """The key of the reference of each row, empty where it has none."""
    if effects.references is None:
        return [""] * len(effects.rows)
    keys: list[str] = effects.rows["reference"].tolist()
    return keys


def _taxonomy(called: OwnNames) -> Taxonomy:
    question = f"How does {called.treatment} compare with {called.comparison}?"
    condition = Concept(CONDITION, called.outcome, called.outcome, primary_outcomes=(DOMAIN,))
    comparison = Concept(COMPARISON, called.comparison, called.comparison, question=question)
    return Taxonomy((condition,), (comparison,), (), (), ())


def study_keys(effects: Effects) -> dict[str, str]:
    """A key for each study, from its name, in the order of the table."""
    labels = dict(zip(effects.rows["study"], effects.rows["label"], strict=True))
    found: dict[str, str] = {}
    taken: set[str] = set()
    for study, label in labels.items():
        stem = re.sub(r"[^a-z0-9]+", "-", str(label).casefold()).strip("-")[:40] or "study"
        key, number = stem, 1
        while key in taken:
            number += 1
            key = f"{stem}-{number}"
        taken.add(key)
        found[study] = key
    return found


def _cells(effects: Effects, meaning: str) -> list[str | None]:
    column = effects.mapped.get(meaning)
    if column is None:
        return [None] * len(effects.rows)
    cells = effects.table.cells[column].iloc[effects.rows["place"]]
    return [cell or None for cell in cells]


def _effect_columns(effects: Effects, keys: Mapping[str, str]) -> dict[str, list[Any]]:
    """Columns of ``effects.csv`` and the line, none derived; arms as far as the table has them."""
    lines = effects.rows["line"].tolist()
    size = len(lines)
    doubts = {line for one in checks_of(effects) if one.kind == "se_for_sd" for line in one.lines}
    counts = "events" if effects.measure in ("RR", "RD", *_ODDS) else "means"
    arms = {
        f"{ours}_{side}": _known(effects.numbers.get(f"{own}{arm}"), size)
        for own, ours in _ARMS
        for arm, side in (("1", "ipt"), ("2", "comparator"))
    }
    same = {
        **dict.fromkeys(EFFECTS.column_names),
        **_OF_EVERY_EFFECT,
        "direction": "lower_better" if effects.settings.flip else "higher_better",
    }
    return {
        **{name: [value] * size for name, value in same.items()},
        **arms,
        LINE: lines,
        "effect_id": [f"line-{line}" for line in lines],
        "study_id": [keys[study] for study in effects.rows["study"].tolist()],
        "comparator": _cells(effects, "arm2"),
        "outcome": [cell or "outcome of the table" for cell in _cells(effects, "outcome")],
        "time_detail": _cells(effects, "time"),
        "input_type": [
            counts if mean is not None or counts == "events" else "none"
            for mean in arms["mean_ipt"]
        ],
        # Not "unclear", which somebody would have to have judged.
        "rob": [
            _ROB.get(cell.casefold().strip(), "") if cell else "" for cell in _cells(effects, "rob")
        ],
        "flags": [("se_for_sd",) if line in doubts else () for line in lines],
        "quote": [f"{effects.table.name}, line {line}" for line in lines],
        "source_url": [_address(cell) for cell in _cells(effects, "doi")],
        "reference": [key or None for key in _rows_references(effects)],
    }


def _known(numbers: FloatArray | None, size: int) -> list[float | None]:
    """Numbers, with None where there is none."""
    if numbers is None:
        return [None] * size
    return [None if value != value else value for value in numbers.tolist()]


def _address(doi: str | None) -> str:
    found = re.search(r"10\.\d{4,9}/\S+", doi or "")
    return f"https://doi.org/{found.group()}" if found else NO_ADDRESS


def _derived(effects: Effects) -> dict[str, list[Any]]:
    read_as, done = (effects.rows[name].tolist() for name in ("read_as", "done"))
    return {
        "yi": effects.rows["yi"].tolist(),
        "vi": effects.rows["vi"].tolist(),
        "obtained": [
            "converted" if "√3/π" in way else "reported" if "as given" in way else "computed"
            for way in read_as
        ],
        "formula": [
            way + (f"; {what}" if what else "") for way, what in zip(read_as, done, strict=True)
        ],
    }


def _study_columns(
    effects: Effects, keys: Mapping[str, str], called: OwnNames
) -> dict[str, list[Any]]:
    """Columns of ``studies.csv`` and the line in which each study stands first."""
    years = effects.numbers.get("year", np.full(len(effects.rows), np.nan))
    rows = effects.rows.assign(year=years)
    first = rows.drop_duplicates("study")
    reports: dict[str, dict[str, None]] = {}
    for study, key in zip(rows["study"].tolist(), _rows_references(effects), strict=True):
        reports.setdefault(study, {}).update({key: None} if key else {})
    names, labels, lines = (first[name].tolist() for name in ("study", "label", "line"))
    size = len(lines)
    same: dict[str, Any] = {
        **{column.name: () if column.type == "list" else None for column in STUDIES.columns},
        "conditions": (CONDITION,),
        "design": "rct",
        "ipt_variant": "ipt",
        "treatment": called.treatment,
        "source_id": SOURCE,
        "source_url": NO_ADDRESS,
    }
    return {name: [value] * size for name, value in same.items()} | {
        LINE: lines,
        "study_id": [keys[name] for name in names],
        "label": labels,
        "year": [
            int(year) if 1500 < year < 2200 else _year_in(label)
            for year, label in zip(first["year"].tolist(), labels, strict=True)
        ],
        "quote": [f"{effects.table.name}, line {line}" for line in lines],
        "references": [tuple(reports[name]) for name in names],
    }


def _year_in(label: str) -> int | None:
    found = re.search(r"\b(?:19|20)\d\d(?=[a-z]?\b)", str(label))
    return int(found.group()) if found else None


def can_be_saved(effects: Effects) -> bool:
    """Whether an evidence base, whose effects are in standard deviations, can hold them."""
    return MEASURES[effects.measure].standardised or effects.measure in ("GEN", *_ODDS)


def saved(effects: Effects, names: OwnNames | None = None) -> bytes:
    """A ZIP with the folder of an evidence base, which ``--data`` opens once it is unpacked.

    Odds ratios are converted as in any base. Studies are entered as randomised trials and numbers
    as seen by the reader, which the README says.

    Raises
    ------
    DataError
        When the effects are in a metric that a base cannot hold.
    """
    if not can_be_saved(effects):
        raise DataError(
            f"An evidence base holds standardised differences and odds ratios, not "
            f"{MEASURES[effects.measure].label.lower()}"
        )
    called = names or named_by(effects)
    keys = study_keys(effects)
    condition = re.sub(r"[^a-z0-9]+", "_", called.outcome.casefold()).strip("_") or "own"
    rows = [
        {**row, **_reported(effects, place), "comparison": "control", LINE: place}
        for place, row in enumerate(_rows(_effect_columns(effects, keys)))
    ]
    derived: list[dict[Any, Any]] = derive_effects(frame_of(rows, EFFECTS)).to_dict("records")
    rows = [{**row, **dict(found)} for row, found in zip(rows, derived, strict=True)]
    studies = [
        {**row, "conditions": (condition,), "comparisons": ("control",)}
        for row in _rows(_study_columns(effects, keys, called))
    ]
    source = Source(SOURCE, effects.table.name, "table")
    tables: dict[Table, Any] = {
        STUDIES: studies, EFFECTS: rows, INSTRUMENTS: (), POOLED: (), INTEGRITY: (),
    }  # fmt: skip
    texts = {
        **{table.file: csv_text(table, found) for table, found in tables.items()},
        "taxonomy.toml": taxonomy_with({condition: called.outcome})
        + names_text(called.treatment, called.comparison),
        "sources.toml": toml("sources", {"id": SOURCE, "label": source.label, "kind": "table"}),
        "claims.toml": NO_CLAIMS,
        "article_references.txt": "",
        "references.bib": write_citations(_references(effects), "bibtex"),
        DESCRIPTOR_FILE: descriptor_text(Path("own data in memory"), {SOURCE: source}),
        "README.md": _README.format(table=effects.table.name, condition=condition),
    }
    return zipped({f"my-base/{name}": text.encode() for name, text in texts.items()})


def _rows(columns: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _reported(effects: Effects, place: int) -> dict[str, Any]:
    """The effect as the base holds it: as reported, with what was done to it done already."""
    row = effects.rows.iloc[place]
    yi, error = float(row["yi"]), float(np.sqrt(row["vi"]))
    numbers: dict[str, Any] = {
        "input_type": "reported_smd",
        "reported_metric": MEASURES[effects.measure].label,
        "reported_value": yi,
        "reported_se": error,
        "reported_positive_favours": "ipt",
        "note": "; ".join(filter(None, (str(row["read_as"]), str(row["done"])))),
    }
    if effects.measure in _ODDS:
        half = critical_value(95.0, None) * error
        numbers |= {
            "input_type": "reported_odds_ratio",
            "reported_value": float(np.exp(yi)),
            "reported_se": None,
            "reported_ci_lower": float(np.exp(yi - half)),
            "reported_ci_upper": float(np.exp(yi + half)),
        }
    return numbers


_README = """# An evidence base from {table}

Unpack this folder and open it with

    ipt-evidence validate --data my-base
    ipt-evidence run --data my-base

Its condition is `{condition}`. Check what the table could not say and was assumed: studies are
entered as randomised trials (`design` in studies.csv), numbers as seen in their source (`verified`
in effects.csv), all as results after treatment (`time`). Put the addresses of the reports in the
place of https://own-data.invalid/ (`source_url`), and their records into references.bib.
"""
