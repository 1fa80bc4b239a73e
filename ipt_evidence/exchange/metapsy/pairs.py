"""IPT against the other treatments of a multi-arm trial.

Databases of psychotherapy against control hold, for a trial with two treatments, each of them
against the same control arm. Put side by side the two rows give IPT against the other treatment:
no number is new, and people stay in the arm to which they were randomised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ipt_evidence.exchange.metapsy.dialect import Row
from ipt_evidence.exchange.metapsy.recognition import Verdict
from ipt_evidence.exchange.metapsy.standard import CHANGE, EVENTS, MEANS

__all__ = ["Pair", "treatment_pairs"]

_SAME = ("study", "instrument", "time", "time_weeks", "rating", "outcome_type", "condition_arm2")


@dataclass(frozen=True, slots=True)
class Pair:
    """A row that stands in no file: arm 1 of ``ipt`` against arm 1 of ``other``."""

    row: Row
    ipt: Row
    other: Row


def treatment_pairs(rows: Sequence[Row], verdicts: Mapping[int, Verdict]) -> Iterator[Pair]:
    """Every pair of an IPT row and a row of another treatment with the same control arm.

    ``verdicts`` maps lines to verdicts; only rows sure to be IPT in arm 1 are paired, and only
    where means, changes or events are there for both and the numbers of the control arm agree.
    """
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.text(name) for name in _SAME), []).append(row)
    for group in groups.values():
        for ipt in group:
            verdict = verdicts.get(ipt.line)
            if verdict is None or verdict.decision != "ipt" or verdict.arm != 1:
                continue
            for other in group:
                found = verdicts.get(other.line)
                sure_other = found is None or found.decision == "excluded"
                columns = _shared(ipt, other) if sure_other else ()
                if columns:
                    yield Pair(_side_by_side(ipt, other, columns), ipt, other)


def _shared(ipt: Row, other: Row) -> tuple[str, ...]:
    """The columns of arm data that both rows fill and in which the control arm is the same."""
    for names in (MEANS, CHANGE, EVENTS):
        if ipt.known(*names) and other.known(*names):
            control = [name for name in names if name.endswith("2")]
            same = all(ipt.numbers[name] == other.numbers[name] for name in control)
            return names if same else ()
    return ()


def _side_by_side(ipt: Row, other: Row, columns: Sequence[str]) -> Row:
    cells = {k: v for k, v in ipt.cells.items() if not k.endswith("arm2") and k[:1] != "."}
    numbers = {k: v for k, v in ipt.numbers.items() if not k.endswith("arm2") and k[:1] != "."}
    for name in ("condition", "multi", "detail", "rand", *(c[:-5] for c in columns)):
        source, target = f"{name}_arm1", f"{name}_arm2"
        if source in other.cells:
            cells[target] = other.cells[source]
        if source in other.numbers:
            numbers[target] = other.numbers[source]
    return Row(ipt.line, cells, numbers)
