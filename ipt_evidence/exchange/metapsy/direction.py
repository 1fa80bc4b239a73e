"""Whom a positive ``.g`` favours in a database, read off the rows themselves.

Where both raw means stand in a row and the instrument's direction is known, the means say which
arm did better and the sign of ``.g`` must say the same or, in a database that codes harm as
positive, the opposite. One row may hold a typing error: the rows vote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ipt_evidence.exchange.metapsy.dialect import Row

__all__ = ["Direction", "find_direction", "find_instrument_directions"]

Favours = Literal["benefit", "harm", "unknown", "none"]

MIN_ROWS = 3  # fewer cannot outvote a typing error
MIN_SHARE = 0.9  # of the rows; below, the database contradicts itself


@dataclass(frozen=True, slots=True)
class Direction:
    """What a positive ``.g`` means: benefit or harm of arm 1, unknown, or none without any ``.g``.

    ``agree`` and ``disagree`` count the rows whose means say so; ``contradicting`` holds the
    lines of the latter. ``how`` says in words what was found, and why not where it was not.
    """

    positive_means: Favours
    agree: int
    disagree: int
    contradicting: tuple[int, ...]
    how: str

    @property
    def sign(self) -> float | None:
        """+1 where ``.g`` keeps its sign so that positive favours arm 1, -1 where it turns."""
        return {"benefit": 1.0, "harm": -1.0}.get(self.positive_means)


def find_direction(
    rows: Sequence[Row], directions: Mapping[str, str], stated: str | None = None
) -> Direction:
    """The direction of a database.

    Parameters
    ----------
    rows
        All rows of the database, whatever therapy they are about.
    directions
        ``lower_better`` or ``higher_better`` of each instrument as the database writes it.
    stated
        ``benefit`` or ``harm`` when a person says it; the rows are then only counted.
    """
    if not any(".g" in row.numbers for row in rows):
        return Direction("none", 0, 0, (), "the database holds no g, so there is no sign to turn")
    votes = {row.line: vote for row in rows if (vote := _vote(row, directions))}
    benefit = [line for line, vote in votes.items() if vote > 0]
    harm = [line for line, vote in votes.items() if vote < 0]
    total = len(votes)
    if stated in ("benefit", "harm"):
        for_it, against = (benefit, harm) if stated == "benefit" else (harm, benefit)
        how = f"stated by you; {len(for_it)} rows agree, {len(against)} disagree"
        return Direction(stated, len(for_it), len(against), tuple(against), how)  # type: ignore[arg-type]
    found: Favours = "benefit" if len(benefit) >= len(harm) else "harm"
    for_it, against = (benefit, harm) if found == "benefit" else (harm, benefit)
    if total < MIN_ROWS:
        how = (
            f"only {total} rows hold both means, a g, and an instrument whose direction is known; "
            f"{MIN_ROWS} are needed. Say it with --positive benefit or --positive harm"
        )
        return Direction("unknown", len(for_it), len(against), tuple(against), how)
    if len(for_it) < MIN_SHARE * total:
        how = (
            f"{len(benefit)} rows say that positive is benefit, {len(harm)} that it is harm. "
            "Check the rows, or say it with --positive benefit or --positive harm"
        )
        return Direction("unknown", len(for_it), len(against), tuple(against), how)
    how = f"the raw means of {len(for_it)} of {total} rows say so"
    return Direction(found, len(for_it), len(against), tuple(against), how)


def _better(row: Row, direction: str) -> int:
    """+1 where arm 1 has the better mean, -1 where arm 2 has, 0 where it cannot be told."""
    if not row.known("mean_arm1", "mean_arm2") or not direction:
        return 0
    difference = row.numbers["mean_arm1"] - row.numbers["mean_arm2"]
    if direction == "lower_better":
        difference = -difference
    return (difference > 0) - (difference < 0)


def _vote(row: Row, directions: Mapping[str, str]) -> int:
    g = row.number(".g")
    if g is None:
        return 0
    return _better(row, directions.get(row.text("instrument"), "")) * ((g > 0) - (g < 0))


def find_instrument_directions(
    rows: Sequence[Row], database: Direction, known: Mapping[str, str]
) -> dict[str, str]:
    """Directions of instruments that are not ``known``, from their own rows.

    The reverse of `find_direction`: with the database's direction told, an instrument is
    ``lower_better`` when in all its rows the arm that ``.g`` favours has the lower mean. An
    instrument whose rows contradict each other stays unknown.
    """
    if database.sign is None:
        return {}
    seen: dict[str, set[int]] = {}
    for row in rows:
        name, g = row.text("instrument"), row.number(".g")
        if not name or name in known or not g:
            continue
        lower = _better(row, "lower_better")
        if lower:
            seen.setdefault(name, set()).add(lower * (1 if g * database.sign > 0 else -1))
    return {
        name: "lower_better" if votes == {1} else "higher_better"
        for name, votes in seen.items()
        if len(votes) == 1
    }
