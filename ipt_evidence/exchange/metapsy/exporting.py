"""Our effects as a database in the Metapsy standard: semicolons, decimal commas, IPT in arm 1.

``.g`` is our ``yi``: positive favours IPT. Effects that a source reports without arms, and odds
ratios without counts, go out as pre-calculated. Beyond the standard's columns each row carries
what we know of trial and source, in snake_case as the standard asks.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.files import write_new_folder
from ipt_evidence.exchange.metapsy.standard import CHANGE, EVENTS, ID_COLUMNS, MEANS, STANDARD
from ipt_evidence.wording.plain import FORMULA_STARTS

__all__ = ["metapsy_frame", "metapsy_text", "write_database"]

_CODES = {
    "waitlist": "wl", "care_as_usual": "cau", "placebo": "plac", "no_treatment": "nt",
    "active_control": "other ctr", "mixed_control": "other ctr", "cbt": "cbt",
    "other_psychotherapy": "other psy", "pharmacotherapy": "pha", "combined": "comb",
}  # fmt: skip
_RATERS = {"self_report": "self-report", "clinician": "clinician", "other": "other"}
_INPUTS = {"means": MEANS, "change": CHANGE, "events": EVENTS}
_OURS = {
    "means": ("mean_ipt", "mean_comparator", "sd_ipt", "sd_comparator", "n_ipt", "n_comparator"),
    "events": ("events_ipt", "events_comparator", "n_ipt", "n_comparator"),
}
DESCRIPTIONS = {
    "conditions": "Conditions of the participants (ids of the IPT evidence explorer)",
    "comparison": "What IPT is compared with (ids of the IPT evidence explorer)",
    "comparator": "The comparison arm in words",
    "comparator_type": "Kind of comparison arm",
    "dich_type": "How the source describes the dichotomous outcome",
    "year": "Year of the main report",
    "country": "Country of the study",
    "format": "How the treatment was delivered",
    "age_group": "Age group of the participants",
    "mean_age": "Mean age in years",
    "percent_women": "Share of women in percent",
    "n_sessions_arm1": "Sessions of IPT",
    "rob": "Overall risk of bias",
    "effect_id": "Key of the effect in the IPT evidence explorer",
    "study_id": "Key of the study in the IPT evidence explorer",
    "source": "Where the number was taken from",
    "full_ref": "Full reference of the study",
}
"""What each column beyond the standard means."""

_NUMBERS = ("year", "mean_age", "percent_women", "n_sessions_arm1")


def metapsy_frame(base: EvidenceBase, *, only_poolable: bool = True) -> pd.DataFrame:
    """The effects of ``base`` as rows of the standard.

    Parameters
    ----------
    base
        The evidence base.
    only_poolable
        Leave out effects that may not enter a pooled estimate; else every effect with a number.

    Returns
    -------
    DataFrame
        One row an effect; standard columns first; missing cells are None or NaN.
    """
    rows = base.joined.loc[base.joined["yi"].notna() & (base.joined["vi"] > 0)]
    if only_poolable:
        rows = rows.loc[rows["include"]]
    names = _study_names(base.studies)
    references = {str(row["key"]): row for row in base.references.to_dict("records")}
    several = rows.groupby("study_id")["comparator"].nunique(dropna=False) > 1
    labels = dict(zip(base.instruments["instrument_id"], base.instruments["label"], strict=True))
    out = [
        _row(row, names[row["study_id"]], bool(several[row["study_id"]]), labels, references)
        for row in rows.to_dict("records")
    ]
    frame = pd.DataFrame(out, columns=[*STANDARD, *DESCRIPTIONS])
    return _with_ids(frame)


def _study_names(studies: pd.DataFrame) -> dict[str, str]:
    """``Family, year`` for each study, with a letter where two would be called the same."""
    names: dict[str, str] = {}
    for key, label in zip(studies["study_id"], studies["label"], strict=True):
        year = re.search(r"(?:19|20)\d\d\w?$", label.strip())
        stem = f"{label[: year.start()].strip()}, {year.group()}" if year else label.strip()
        taken = set(names.values())
        letters = (stem, *(f"{stem}{letter}" for letter in "abcdefghijkl"))
        names[str(key)] = next(name for name in letters if name not in taken)
    return names


def _row(
    row: Mapping[Any, Any],
    study: str,
    several: bool,
    labels: Mapping[str, str],
    references: Mapping[str, Mapping[Any, Any]],
) -> dict[str, Any]:
    kind = str(row["input_type"])
    weeks = re.search(r"(\d+(?:\.\d+)?)[ -]weeks?", _text(row["time_detail"]))
    instrument = labels.get(row["instrument"]) if _text(row["instrument"]) else None
    arm = _text(row["comparator"])
    return {
        "study": study,
        "condition_arm1": "ipt",
        "condition_arm2": _CODES.get(_text(row["comparator_type"]), "other ctr"),
        "multi_arm1": "ipt" if several else None,
        "multi_arm2": arm if several else None,
        "outcome_type": _outcome_type(row, kind),
        "instrument": instrument or _text(row["outcome"]),
        "time": "post" if row["time"] == "post" else "follow-up",
        "time_weeks": float(weeks.group(1)) if weeks else None,
        "rating": _RATERS.get(_text(row["rater"])),
        **_effect_data(row, kind),
        **_extras(row, kind, arm, references),
    }


def _outcome_type(row: Mapping[Any, Any], kind: str) -> str:
    if kind == "means":
        return "msd"
    if kind == "change":
        return "change"
    if kind != "events":
        return "other statistic"
    words = _text(row["outcome"]).lower()
    if row["direction"] == "event_good":
        return "remission" if re.search(r"remi|recover", words) else "response"
    return "relapse" if re.search(r"relap|recurr", words) else "diagnosis"


def _effect_data(row: Mapping[Any, Any], kind: str) -> dict[str, Any]:
    data: dict[str, Any] = {".g": row["yi"], ".g_se": math.sqrt(row["vi"])}
    if kind in _INPUTS:
        ours = _OURS["events" if kind == "events" else "means"]
        data |= {name: row[own] for name, own in zip(_INPUTS[kind], ours, strict=True)}
    else:
        data |= {"precalc_g": row["yi"], "precalc_g_se": data[".g_se"]}
    if kind == "events":
        e1, e2, n1, n2 = (float(row[name]) for name in _OURS["events"])
        data |= {f".{name}": data[name] for name in EVENTS}
        if e1 > 0 and e2 > 0:
            data[".log_rr"] = math.log((e1 / n1) / (e2 / n2))
            data[".log_rr_se"] = math.sqrt(1 / e1 - 1 / n1 + 1 / e2 - 1 / n2)
    return data


def _extras(
    row: Mapping[Any, Any], kind: str, arm: str, references: Mapping[str, Mapping[Any, Any]]
) -> dict[str, Any]:
    key = next(iter((_text(row["reference"]), *row["references"])), "")
    record = references.get(key or next(iter(row["references"]), ""))
    rob = _text(row["rob"]) or _text(row["rob_study"])
    return {
        "conditions": ", ".join(row["conditions"]),
        "comparison": row["comparison"],
        "comparator": arm or None,
        "comparator_type": _text(row["comparator_type"]) or None,
        "dich_type": _text(row["outcome"]) if kind == "events" else None,
        "n_sessions_arm1": row["n_sessions"],
        **{name: row[name] for name in ("year", "country", "format", "age_group", "mean_age",
                                        "percent_women", "effect_id", "study_id")},
        "rob": rob or None,
        "source": row["source_id"],
        "full_ref": _reference(record) if record else None,
    }  # fmt: skip


def _reference(record: Mapping[Any, Any]) -> str:
    """A printed reference from what is known of a record."""
    people = [f"{a.get('family', '')}, {a.get('given', '')}".strip(", ") for a in record["authors"]]
    parts = [", ".join(people) + (", et al." if record["et_al"] else "")]
    if pd.notna(record["year"]):
        parts.append(f"({int(record['year'])}).")
    parts += [f"{_text(record[name])}." for name in ("title", "container_title")
              if _text(record[name])]  # fmt: skip
    volume, pages = _text(record["volume"]), _text(record["pages"])
    if volume or pages:
        parts.append(f"{', '.join(filter(None, (volume, pages)))}.")
    if _text(record["doi"]):
        parts.append(f"https://doi.org/{record['doi']}")
    return " ".join(filter(None, parts))


def _text(value: Any) -> str:
    return "" if value is None or (not isinstance(value, str) and pd.isna(value)) else str(value)


def _with_ids(frame: pd.DataFrame) -> pd.DataFrame:
    """Fill ``.id``; rows that the standard could not distinguish get a numbered outcome type."""
    seen: dict[tuple[str, ...], int] = {}
    outcomes, ids = [], []
    for row in frame.to_dict("records"):
        key = tuple(_clean(row[name]) or "NA" for name in ID_COLUMNS)
        seen[key] = seen.get(key, 0) + 1
        outcome = str(row["outcome_type"])
        if seen[key] > 1:
            outcome = f"{outcome} ({seen[key]})"
        outcomes.append(outcome)
        named = {**row, "outcome_type": outcome}
        text = "_".join(_clean(named[name]) or "NA" for name in ID_COLUMNS)
        ids.append(re.sub(r"\s", "", text.replace(",", "_")))
    return frame.assign(**{"outcome_type": outcomes, ".id": ids})


def _clean(value: Any) -> str:
    """Text as the standard wants it: no semicolon, no line break, no blank at the ends.

    Text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    text = " ".join(_text(value).replace(";", ",").split())
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def metapsy_text(frame: pd.DataFrame) -> str:
    """``frame`` as a file of the standard: semicolons, decimal commas, quoted text, ``NA``."""
    numbers = {name for name in frame.columns
               if name in _NUMBERS or pd.api.types.is_numeric_dtype(frame[name])}  # fmt: skip
    lines = [";".join(f'"{name}"' for name in frame.columns)]
    for row in frame.to_dict("records"):
        lines.append(";".join(_cell(row[str(name)], name in numbers) for name in frame.columns))
    return "\n".join(lines) + "\n"


def _cell(value: Any, number: bool) -> str:
    if not _text(value):
        return "NA"
    if number:
        whole = float(value)
        text = f"{whole:.0f}" if whole.is_integer() and abs(whole) < 1e15 else repr(whole)
        return text.replace(".", ",")
    text = _clean(value).replace('"', '""')
    return f'"{text}"' if text else "NA"


def write_database(base: EvidenceBase, folder: Path, *, only_poolable: bool = True) -> pd.DataFrame:
    """Write ``data.csv`` and ``metadata/`` of the standard into ``folder``; the rows written.

    Raises
    ------
    DataError
        When the folder holds something already, or cannot be written.
    """
    frame = metapsy_frame(base, only_poolable=only_poolable)
    references = {row["study"]: row["full_ref"] for row in frame.to_dict("records")
                  if row["full_ref"]}  # fmt: skip
    searches = [source.last_search for source in base.sources.values() if source.last_search]
    metadata = {
        "shorthand.txt": "ipt-evidence",
        "number_studies.txt": str(frame["study"].nunique()),
        "last_search.txt": max(searches, default=""),
        "version.txt": base.version,
        "references.json": _json(references),
        "variable_description.json": _json(DESCRIPTIONS),
    }
    files = {f"metadata/{name}": f"{text}\n" for name, text in metadata.items()}
    write_new_folder(folder, {"data.csv": metapsy_text(frame), **files})
    return frame


def _json(document: Mapping[str, str]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)
