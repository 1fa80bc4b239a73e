"""From a database to studies, effects and references of ours, with a reason for every decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.problems import Problem
from ipt_evidence.exchange.metapsy.checks import GDifference, SpreadCheck
from ipt_evidence.exchange.metapsy.codes import arm_of, conditions_of
from ipt_evidence.exchange.metapsy.database import Database
from ipt_evidence.exchange.metapsy.dialect import Row
from ipt_evidence.exchange.metapsy.direction import (
    Direction,
    find_direction,
    find_instrument_directions,
)
from ipt_evidence.exchange.metapsy.effects import Context, Converted, convert_row
from ipt_evidence.exchange.metapsy.instruments import InstrumentNames
from ipt_evidence.exchange.metapsy.pairs import treatment_pairs
from ipt_evidence.exchange.metapsy.recognition import Verdict, judge
from ipt_evidence.exchange.metapsy.references import MatchedReference, match_references
from ipt_evidence.exchange.metapsy.standard import STANDARD
from ipt_evidence.exchange.metapsy.studies import StudyKeys, study_row

__all__ = ["Decision", "Imported", "import_database"]


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
        When the condition of the database cannot be told and none is given.
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
        warnings=tuple(
            f"line {found.line}, {found.effect['study_id']}: {words}"
            for found in converted
            for words in found.warnings
        ),
        problems=(*_relevant(database.table.problems, verdicts), *builder.problems),
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
        pairs = list(treatment_pairs(self._database.table.rows, self._verdicts))
        found = [self._one(row, "") for row in self._kept]
        found += [self._one(pair.row, _side_by_side_note(pair.other)) for pair in pairs]
        converted = [item for item in found if item is not None]
        _make_unique(converted)
        return converted

    def _one(self, row: Row, note: str) -> Converted | None:
        verdict = self._verdicts[row.line]
        other = arm_of(row, 2 if verdict.arm == 1 else 1)
        if other is None:
            code = row.text(f"condition_arm{2 if verdict.arm == 1 else 1}")
            self.problems.append(
                Problem(
                    file=self._database.table.path.name, line=row.line, key=row.text("study"),
                    column="condition_arm2", value=code,
                    reason=f"what {code!r} compares IPT with is not known",
                    remedy="Use a code of the standard, like wlc, cau, cbt; the row is left out",
                )
            )  # fmt: skip
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
                f"What the database {self._database.shorthand!r} is about cannot be told from its "
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
