"""Every trial of a database as rows of ``context.csv``: what stands beside IPT, coded by one team.

Nothing is judged here but which arm is IPT (`coding.judge`); therapy, control, people and g are the
database's own, in the levels of the schema.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.csv_tables import Problem, csv_text, read_table
from ipt_evidence.evidence.files import write_atomically, writing
from ipt_evidence.evidence.schema import CONTEXT
from ipt_evidence.exchange.metapsy.checks import find_direction
from ipt_evidence.exchange.metapsy.coding import (
    InstrumentNames,
    age_group,
    arm_of,
    conditions_of,
    delivery,
    judge,
    rater,
    risk_of_bias,
)
from ipt_evidence.exchange.metapsy.database import Database, Row

__all__ = ["ContextRows", "context_rows", "write_context"]

_THERAPIES = {
    "cbt": "cbt", "bat": "behavioural_activation", "pst": "problem_solving", "3rd": "third_wave",
    "dyn": "psychodynamic", "sup": "supportive", "lrt": "life_review", "ipt": "ipt",
    "exposure": "exposure", "exposure therapy": "exposure", "pe": "prolonged_exposure",
    "net": "narrative_exposure", "emdr": "emdr", "tf-cbt": "trauma_focused_cbt",
    "tf-cognitive therapy": "trauma_focused_cognitive", "tf-other": "other_trauma_focused",
    "cbt without trauma focus": "cbt_without_trauma", "mixed psychotherapy": "mixed",
    "other psy": "other", "other non-trauma-focused": "other",
}  # fmt: skip
"""Codes of the databases → levels of ``therapy``."""
_TARGETS = {
    "adul": "adults", "yadul": "adults", "old": "older_adults", "older adult": "older_adults",
    "stud": "students", "stu": "students", "ppd": "perinatal", "med": "medical", "oth": "other",
    "other": "other", "stud/oth": "other", "adol&yadul": "other", "med+ppd": "other",
    "4 & 5": "other",
}  # fmt: skip
_FORMATS = {
    "gsh": "guided_self_help", "ush": "unguided_self_help", "oth": "mixed", "mixed/oth": "mixed",
}  # fmt: skip
_OUTCOMES = {"ptsd": "ptsd", "social_anxiety": "anxiety"}
"""What databases of a condition measure where it is not depression."""
_CONTROLS = ("waitlist", "care_as_usual")
_ARM_SIZES = ("n_arm{}", "totaln_arm{}", "n_change_arm{}", ".totaln_arm{}", "rand_arm{}")


@dataclass(frozen=True, slots=True)
class ContextRows:
    """Rows of one database in the columns of ``context.csv``, and what could not become one."""

    source_id: str
    rows: tuple[dict[str, Any], ...]
    problems: tuple[Problem, ...]


def context_rows(
    database: Database, base: EvidenceBase, positive: str | None = None
) -> ContextRows:
    """Each comparison of a psychotherapy with a control after treatment.

    Parameters
    ----------
    database
        As `database.open_database` reads it.
    base
        Lends instruments and sources.
    positive
        ``benefit`` or ``harm`` of arm 1, where the rows cannot tell what a positive ``.g`` means.

    Raises
    ------
    DataError
        When the base has no source of this database, or nobody can tell whom a positive g favours.
    """
    source_id = f"metapsy-{database.shorthand}"
    if source_id not in base.sources:
        raise DataError(
            f"{base.folder / 'sources.toml'} has no source {source_id!r}. Add it with its licence "
            "and attribution first"
        )
    rows = database.table.rows
    names = InstrumentNames(base.instruments)
    ways = names.directions(row.text("instrument") for row in rows)
    sign = find_direction(rows, ways, positive).sign
    if sign is None:
        raise DataError(
            f"Whom a positive g of {database.shorthand} favours is not known from its rows. Say "
            "it with --positive benefit or --positive harm"
        )
    found, problems = [], []
    for row in rows:
        try:
            found.append(_row(row, database.shorthand, source_id, sign))
        except ValueError as fault:
            remedy = "The row is left out of context.csv; the others are kept"
            place = (row.line, "", row.text("study"))
            problems.append(Problem(database.table.path.name, str(fault), remedy, *place))
    return ContextRows(source_id, tuple(found), tuple(problems))


def _row(row: Row, shorthand: str, source_id: str, sign: float) -> dict[str, Any]:
    """One row of the table; ValueError says why there is none."""
    g, error = row.number(".g"), row.number(".g_se")
    if g is None or error is None or error <= 0:
        raise ValueError("it has no g with a standard error")
    if not row.text("time").lower().startswith("post"):
        raise ValueError(f"it was measured at {row.text('time') or 'an unknown time'}, not post")
    conditions = list(conditions_of(row, shorthand))
    if row.text("target_group").lower() == "med":
        conditions.append("chronic_illness")
    return {
        "context_id": f"{shorthand}-{row.line}",
        "source_id": source_id,
        "study": row.text("study"),
        "conditions": tuple(dict.fromkeys(conditions)),
        "therapy": _therapy(row),
        "arm": row.text("multi_arm1"),
        "control_type": _control(row),
        "control_arm": row.text("multi_arm2"),
        "target_group": _TARGETS.get(row.text("target_group").lower(), ""),
        "age_group": age_group(row),
        "format": _format(row.text("format")),
        "year": _whole(row.number("year")) or _year(row.text("study")),
        "rob": risk_of_bias(row)[0],
        "outcome_domain": next(
            (name for known, name in _OUTCOMES.items() if known in conditions), "depression"
        ),
        "instrument": row.text("instrument"),
        "rater": rater(row.text("rating")),
        "n_treatment": _people(row, 1),
        "n_control": _people(row, 2),
        "yi": sign * g,
        "vi": error * error,
    }


def _therapy(row: Row) -> str:
    verdict = judge(row)
    if verdict is not None and verdict.decision == "ipt" and verdict.arm == 1:
        return "ipt"
    code = row.text("condition_arm1").lower()
    if code not in _THERAPIES:
        raise ValueError(f"its therapy is coded {code!r}, which is none that we know")
    return _THERAPIES[code]


def _control(row: Row) -> str:
    arm = arm_of(row, 2)
    if arm is None or arm.comparison != "control":
        raise ValueError(f"{row.text('condition_arm2')!r} is no control group")
    return arm.kind if arm.kind in _CONTROLS else "other_control"


def _format(code: str) -> str:
    return _FORMATS.get(code.lower(), "") or delivery(code)


def _people(row: Row, arm: int) -> int | None:
    known = (row.number(name.format(arm)) for name in _ARM_SIZES)
    return _whole(next((size for size in known if size is not None), None))


def _whole(value: float | None) -> int | None:
    return None if value is None or not math.isfinite(value) else round(value)


def _year(study: str) -> int | None:
    found = re.search(r"\b(?:19|20)\d\d", study)
    return int(found.group()) if found else None


def write_context(found: ContextRows, path: Path) -> int:
    """Put the rows of one database into the file at ``path``; the number of its rows then.

    Rows of other databases that the file holds already stay as they are.

    Raises
    ------
    DataError
        When the file there is no such table, or a row of it cannot be read: nothing is written.
    """
    with writing(path.parent):
        kept: list[dict[Any, Any]] = []
        if path.exists():
            frame, problems = read_table(path.parent, replace(CONTEXT, file=path.name))
            if problems:
                raise DataError(f"Nothing was written. First correct this: {problems[0]}")
            kept = frame.loc[frame["source_id"] != found.source_id].to_dict("records")
        rows = sorted([*kept, *found.rows], key=lambda row: str(row["source_id"]))
        write_atomically(path, csv_text(CONTEXT, rows))
    return len(rows)
