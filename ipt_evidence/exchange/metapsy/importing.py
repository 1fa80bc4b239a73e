"""From a database to studies, effects and references of ours, with a reason for every decision."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.csv_tables import Problem
from ipt_evidence.evidence.derivation import derive_effects
from ipt_evidence.evidence.schema import EFFECTS, MISSING
from ipt_evidence.evidence.sources import Source
from ipt_evidence.evidence.starting import write_new_base
from ipt_evidence.exchange.metapsy.checks import (
    Direction,
    GDifference,
    SpreadCheck,
    find_direction,
    find_instrument_directions,
)
from ipt_evidence.exchange.metapsy.coding import (
    InstrumentNames,
    Verdict,
    arm_of,
    conditions_of,
    judge,
)
from ipt_evidence.exchange.metapsy.database import Database, Row
from ipt_evidence.exchange.metapsy.effects import Context, Converted, convert_row, treatment_pairs
from ipt_evidence.exchange.metapsy.standard import STANDARD
from ipt_evidence.exchange.metapsy.studies import (
    MatchedReference,
    StudyKeys,
    match_references,
    study_row,
)
from ipt_evidence.wording.tables import is_missing

__all__ = [
    "Agreement",
    "Decision",
    "Difference",
    "Imported",
    "agreement",
    "import_database",
    "write_base",
]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was made of one row that comes near IPT, and why."""

    line: int
    study: str
    instrument: str
    decision: str
    reason: str


@dataclass(frozen=True)
class Imported:
    """What an import found.

    ``studies`` and ``effects`` hold rows of our schema without derived columns; ``ways`` the
    direction of each instrument that the database uses for them, by our id.
    """

    database: Database
    source_id: str
    direction: Direction
    decisions: tuple[Decision, ...]
    studies: tuple[dict[str, Any], ...]
    effects: tuple[dict[str, Any], ...]
    instruments: dict[str, tuple[str, str, str]]  # id → name in the database, direction, domain
    references: tuple[MatchedReference, ...]
    bibliography: pd.DataFrame
    g_differences: tuple[GDifference, ...]
    warnings: tuple[str, ...]
    problems: tuple[Problem, ...]


def import_database(
    database: Database,
    base: EvidenceBase,
    *,
    positive: str | None = None,
    condition: str | None = None,
) -> Imported:
    """Find the trials of IPT in a database and bring them into our schema.

    Parameters
    ----------
    database
        As `database.open_database` reads it.
    base
        Lends its instruments (names and directions), its sources and its bibliography.
    positive
        ``benefit`` or ``harm`` of arm 1, where the rows cannot tell what a positive ``.g`` means.
    condition
        An id of the taxonomy, where the database's name does not say what it is about.

    Raises
    ------
    DataError
        When the condition of the database is unknown and none is given.
    """
    rows = database.table.rows
    names = InstrumentNames(base.instruments)
    ways = names.directions(row.text("instrument") for row in rows)
    direction = find_direction(rows, ways, positive)
    ways = {**ways, **find_instrument_directions(rows, direction, ways)}
    verdicts = {row.line: verdict for row in rows if (verdict := judge(row))}
    spreads = SpreadCheck(rows)
    doubts = {row.line: words for row in rows if (words := spreads.se_for_sd(row))}
    source_id = f"metapsy-{database.shorthand}"
    source = base.sources.get(source_id)
    url = source.url if source and source.url else "https://www.metapsy.org"
    context = Context(source_id, url, direction, names, ways, doubts)
    builder = _Builder(database, base, context, verdicts, condition)
    converted = builder.convert()
    matches, bibliography = match_references(builder.references(), base.references)
    readable = set(bibliography["key"])
    for effect in (found.effect for found in converted):
        if effect["reference"] not in readable:
            effect["reference"] = None
    return Imported(
        database=database,
        source_id=source_id,
        direction=direction,
        decisions=tuple(builder.decisions()),
        studies=tuple(builder.studies(converted, readable)),
        effects=tuple(found.effect for found in converted),
        instruments=builder.instruments(converted),
        references=tuple(matches),
        bibliography=bibliography,
        g_differences=tuple(found.difference for found in converted if found.difference),
        warnings=_warnings(converted),
        problems=(*_relevant(database.table.problems, verdicts), *builder.problems),
    )


def _warnings(converted: list[Converted]) -> tuple[str, ...]:
    return tuple(
        f"line {found.line}, {found.effect['study_id']}: {words}"
        for found in converted
        for words in found.warnings
    )


def _relevant(problems: tuple[Problem, ...], verdicts: dict[int, Verdict]) -> list[Problem]:
    """Problems of rows near IPT, of whole rows, and of numbers behind effects."""
    return [
        problem
        for problem in problems
        if problem.line in verdicts or not problem.column or problem.column in STANDARD
    ]


class _Builder:
    """Rows that are about IPT, gathered by study."""

    def __init__(
        self,
        database: Database,
        base: EvidenceBase,
        context: Context,
        verdicts: dict[int, Verdict],
        condition: str | None,
    ) -> None:
        self._database, self._context, self._verdicts = database, context, verdicts
        self._condition, self._taxonomy = condition, base.taxonomy
        self._keys = StudyKeys()
        self._kept = [
            row for row in database.table.rows
            if row.line in verdicts and verdicts[row.line].decision != "excluded"
        ]  # fmt: skip
        self._rows: dict[str, list[Row]] = {}
        self._names: dict[str, str] = {}
        self.problems: list[Problem] = []
        known = {concept.id for concept in base.taxonomy.conditions}
        if condition is not None and condition not in known:
            raise DataError(
                f"No condition {condition!r}. The base knows {', '.join(sorted(known))}"
            )

    def convert(self) -> list[Converted]:
        pairs = treatment_pairs(self._database.table.rows, self._verdicts)
        found = [self._one(row, "") for row in self._kept]
        found += [self._one(row, _side_by_side_note(other)) for row, other in pairs]
        converted = [item for item in found if item is not None]
        _make_unique(converted)
        return converted

    def _one(self, row: Row, note: str) -> Converted | None:
        verdict = self._verdicts[row.line]
        other = arm_of(row, 2 if verdict.arm == 1 else 1)
        if other is None:
            code = row.text(f"condition_arm{2 if verdict.arm == 1 else 1}")
            reason = f"what {code!r} compares IPT with is not known"
            remedy = "Use a code of the standard, like wlc, cau, cbt; the row is left out"
            place = (row.line, "condition_arm2", row.text("study"), code)
            self.problems.append(Problem(self._database.table.path.name, reason, remedy, *place))
            return None
        study = self._keys.key(row)
        self._rows.setdefault(study, []).append(row)
        self._names.setdefault(study, row.text("study"))
        converted = convert_row(row, verdict, study, self._conditions(row)[0], other, self._context)
        if note:
            converted.effect["note"] = note
            converted.effect["n_basis"] = "as in database rows (each arm v the same control)"
        return converted

    def _conditions(self, row: Row) -> tuple[str, ...]:
        if self._condition is not None:
            return (self._condition,)
        found = conditions_of(row, self._database.shorthand)
        if not found:
            raise DataError(
                f"What the database {self._database.shorthand!r} is about is not known from its "
                "name. Say it with --condition ID, an id of taxonomy.toml"
            )
        return found

    def references(self) -> dict[str, str]:
        """Printed reference of each study that has one."""
        printed = self._database.references
        texts = {study: printed.get(name, "") for study, name in self._names.items()}
        return {study: text for study, text in texts.items() if text}

    def decisions(self) -> list[Decision]:
        by_line = {row.line: row for row in self._database.table.rows}
        return [
            Decision(line, by_line[line].text("row_label") or by_line[line].text("study"),
                     by_line[line].text("instrument"), verdict.decision, verdict.reason)
            for line, verdict in sorted(self._verdicts.items())
        ]  # fmt: skip

    def studies(self, converted: list[Converted], readable: set[str]) -> list[dict[str, Any]]:
        shares = [row.numbers["percent_women"] for row in self._database.table.rows
                  if "percent_women" in row.numbers]  # fmt: skip
        unit = 100 if shares and max(shares) <= 1 else 1  # some databases write shares of one
        found = []
        for study, rows in self._rows.items():
            effects = [item.effect for item in converted if item.effect["study_id"] == study]
            facts = {
                "conditions": self._conditions(rows[0]),
                "references": study if study in readable else "",
                "source_id": self._context.source_id,
                "source_url": self._context.source_url,
                "percent_unit": unit,
            }
            found.append(study_row(study, rows, self._verdicts[rows[0].line], effects, facts))
        return found

    def instruments(self, converted: list[Converted]) -> dict[str, tuple[str, str, str]]:
        by_line = {row.line: row for row in self._database.table.rows}
        return {
            item.effect["instrument"]: (
                by_line[item.line].text("instrument"),
                item.effect["direction"],
                item.effect["outcome_domain"],
            )
            for item in converted
            if item.effect["instrument"]
        }


def _side_by_side_note(other: Row) -> str:
    return (
        "Two rows of the database put side by side (this arm and that of line "
        f"{other.line}, both against the same control arm); not checked against the report"
    )


def _make_unique(converted: list[Converted]) -> None:
    """Give effects that would share a key the comparison arm, the rater, or a number."""
    taken: set[str] = set()
    for item in converted:
        effect = item.effect
        stem = effect["effect_id"]
        if effect["comparison"] not in ("control", "pharmacotherapy"):
            stem += f"-{effect['comparator_type']}".replace("_", "-")
        numbered = (f"{stem}-{number}" for number in range(2, 1000))
        named = (stem, f"{stem}-{effect['rater']}".replace("_", "-").rstrip("-"))
        effect["effect_id"] = next(k for k in (*named, *numbered) if k not in taken)
        taken.add(effect["effect_id"])


def write_base(imported: Imported, base: EvidenceBase, folder: Path) -> Path:
    """Write an import into ``folder``, which must be empty or not exist yet.

    Taxonomy and known instruments come from ``base``; derived columns and the descriptor are made
    as for any base.

    Raises
    ------
    DataError
        When the folder holds something already, or cannot be written.
    """
    write_new_base(
        folder,
        studies=imported.studies,
        effects=imported.effects,
        instruments=_instruments(imported, base),
        taxonomy=(base.folder / "taxonomy.toml").read_text(encoding="utf-8"),
        sources=_sources(imported, base),
        bibliography=imported.bibliography,
    )
    return folder


def _instruments(imported: Imported, base: EvidenceBase) -> list[dict[str, Any]]:
    known = {row["instrument_id"]: row for row in base.instruments.to_dict("records")}
    rows = []
    for key, (name, direction, domain) in sorted(imported.instruments.items()):
        own = {str(k): v for k, v in known.get(key, {}).items()}
        new = {
            "instrument_id": key,
            "label": name,
            "outcome_domain": domain,
            "direction": direction,
            "note": "Direction found from the rows of the database",
        }
        rows.append({**(own or new), "reference_sd": None, "reference_sd_basis": None})
    return rows


def _sources(imported: Imported, base: EvidenceBase) -> str:
    """``sources.toml`` with the one database, by what the base or its metadata say of it."""
    database = imported.database
    known = base.sources.get(imported.source_id)
    facts = known or Source(
        id=imported.source_id,
        label=f"Metapsy: {database.shorthand}",
        kind="database",
        url="https://www.metapsy.org",
        licence=database.licence.splitlines()[0][:80] if database.licence else "",
        attribution=f"Metapsy database {database.shorthand}. Metapsy project, www.metapsy.org.",
    )
    lines = ["[[sources]]"]
    for name in Source.__dataclass_fields__:
        value = getattr(facts, name)
        if name == "last_search":
            value = database.last_search or value
        if name == "positive_g_means":
            means = imported.direction.positive_means
            value = means if means in ("benefit", "harm") else "n/a"
        lines.append(f"{name} = {json.dumps(value or MISSING, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


_TOLERANCE = 1e-6
_INPUTS = ("mean_ipt", "sd_ipt", "n_ipt", "mean_comparator", "sd_comparator", "n_comparator",
           "events_ipt", "events_comparator")  # fmt: skip
_COMPARED = ("study_id", "comparison", "comparator_type", "instrument", "outcome_domain", "rater",
             "direction", "time", "include", "yi", "vi")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell in which the base and the import differ."""

    effect_id: str
    column: str
    base: Any
    imported: Any


@dataclass(frozen=True)
class Agreement:
    """Effects that both hold, and where they differ; effects that only one of them holds."""

    shared: tuple[tuple[str, str], ...]  # (id in the base, id in the import)
    differences: tuple[Difference, ...]
    only_imported: tuple[str, ...]
    only_base: tuple[str, ...]


def agreement(imported: Imported, base: EvidenceBase) -> Agreement:
    """Compare the effects of an import with those of ``base`` from the same source.

    Two effects are the same when they have the same inputs (arms, events, or published g) of a
    study of that key, whatever else is coded differently.
    """
    mine = _by_id(base.effects.loc[base.effects["source_id"] == imported.source_id])
    theirs = _by_id(_derived(imported))
    shared, differences, only_imported = [], [], []
    for key, row in theirs.items():
        match = _match(row, mine)
        if match is None:
            only_imported.append(key)
            continue
        ours = mine.pop(match)
        shared.append((match, key))
        differences += [
            Difference(match, name, ours[name], row[name])
            for name in _COMPARED
            if not _same_value(ours[name], row[name])
        ]
    return Agreement(tuple(shared), tuple(differences), tuple(only_imported), tuple(mine))


def _derived(imported: Imported) -> pd.DataFrame:
    """The import's effects with yi and vi, computed as for any base."""
    frame = pd.DataFrame(list(imported.effects), columns=list(EFFECTS.column_names))
    numeric = [column.name for column in EFFECTS.columns if column.type == "number"]
    frame[numeric] = frame[numeric].astype("float64")
    for name in ("reported_positive_favours", "direction", "input_type"):
        frame[name] = frame[name].astype("str")
    return frame.assign(**derive_effects(frame)[["yi", "vi"]])


def _by_id(effects: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The cells of each effect; a missing one is None."""
    return {
        str(row["effect_id"]): {
            str(name): None if is_missing(value) else value for name, value in row.items()
        }
        for row in effects.to_dict("records")
    }


def _match(row: Mapping[str, Any], candidates: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The effect with the same inputs, of the same study, time and scale.

    Studies are the same when their keys are, or their first authors: reports of one trial may
    carry several years.
    """
    names = ("reported_value", "reported_se") if row["n_ipt"] is None else _INPUTS
    for key, other in candidates.items():
        if (
            all(_same_value(row[name], other[name]) for name in names)
            and str(row["study_id"])[:-4] == str(other["study_id"])[:-4]
            and row["time"] == other["time"]
            and (row["instrument"] == other["instrument"] or row["mean_ipt"] is None)
        ):
            return key
    return None


def _same_value(one: Any, two: Any) -> bool:
    if one is None or two is None:
        return one is two
    if isinstance(one, float) or isinstance(two, float):
        return math.isclose(one, two, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return bool(one == two)
