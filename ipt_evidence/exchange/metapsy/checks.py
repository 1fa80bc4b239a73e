"""What a database's numbers say about themselves: whom a positive ``.g`` favours, and what is odd.

Where both raw means stand in a row and the instrument's direction is known, the means say which
arm did better and the sign of ``.g`` must say the same or, in a database that codes harm as
positive, the opposite. One row may hold a typing error: the rows vote.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from ipt_evidence.exchange.metapsy.database import Row
from ipt_evidence.exchange.metapsy.standard import CHANGE, EVENTS, MEANS

__all__ = [
    "Direction",
    "GDifference",
    "SpreadCheck",
    "find_direction",
    "find_instrument_directions",
    "implausible",
]

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
    found: Favours = "benefit" if len(benefit) >= len(harm) else "harm"
    if stated in ("benefit", "harm"):
        found = "harm" if stated == "harm" else "benefit"
    agree, against = (benefit, harm) if found == "benefit" else (harm, benefit)
    how = f"the raw means of {len(agree)} of {total} rows say so"
    if found == stated:
        how = f"stated by you; {len(agree)} rows agree, {len(against)} disagree"
    elif total < MIN_ROWS:
        found = "unknown"
        how = (
            f"only {total} rows hold both means, a g, and an instrument whose direction is known; "
            f"{MIN_ROWS} are needed. Say it with --positive benefit or --positive harm"
        )
    elif len(agree) < MIN_SHARE * total:
        found = "unknown"
        how = (
            f"{len(benefit)} rows say that positive is benefit, {len(harm)} that it is harm. "
            "Check the rows, or say it with --positive benefit or --positive harm"
        )
    return Direction(found, len(agree), len(against), tuple(against), how)


def _better(row: Row, direction: str) -> int:
    """+1 where arm 1 has the better mean, -1 where arm 2 has, 0 where it is unknown."""
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

    The reverse of `find_direction`: with the database's direction known, an instrument is
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


# Databases publish full precision; forms of the small-sample correction differ by less than this.
G_TOLERANCE = 0.01
IMPLAUSIBLE_G = 2.0  # two standard deviations: beyond what psychotherapy trials find; look it up
_MIN_SPREADS = 6
_SMALL_SPREAD = 0.4  # of the instrument's usual SD
_SE_FACTOR = 2.0  # SE·√n lies this near to the instrument's usual SD


@dataclass(frozen=True, slots=True)
class GDifference:
    """A published g that is not what its own arms give; both on the database's own sign."""

    line: int
    study: str
    instrument: str
    published: float
    recomputed: float


def recomputed_g(row: Row) -> float | None:
    """Hedges g of arm 1 minus arm 2 from the row's own arms, positive where arm 1 is higher.

    By the standard's recipe, so that only differences in the data show: pooled SD, J = 1 - 3/(4N -
    9), log odds ratio x √3/π. None where the arms are not given. For events a zero cell gets a
    half in each, as the standard does.
    """
    for names in (MEANS, CHANGE):
        if row.known(*names):
            m1, m2, s1, s2, n1, n2 = (row.numbers[name] for name in names)
            if min(s1, s2) <= 0 or min(n1, n2) < 2:
                return None
            spread = math.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2))
            return (m1 - m2) / spread * _correction(n1 + n2)
    if row.known(*EVENTS):
        e1, e2, n1, n2 = (row.numbers[name] for name in EVENTS)
        half = 0.5 if 0 in (e1, e2, n1 - e1, n2 - e2) else 0.0
        cells = [e1 + half, n1 - e1 + half, e2 + half, n2 - e2 + half]
        if min(cells) <= 0:
            return None
        odds = math.log(cells[0] * cells[3] / (cells[1] * cells[2]))
        return odds * math.sqrt(3) / math.pi * _correction(n1 + n2)
    return None


def _correction(n: float) -> float:
    return 1 - 3 / (4 * n - 9)


def g_difference(row: Row) -> GDifference | None:
    """The row's published g beside the one from its arms, where they differ in size.

    The sign is left to the direction of instrument and database: only sizes are compared here,
    and rows whose sign contradicts theirs are found by `direction`.
    """
    published, recomputed = row.number(".g"), recomputed_g(row)
    if published is None or recomputed is None:
        return None
    if math.isclose(abs(published), abs(recomputed), rel_tol=G_TOLERANCE, abs_tol=G_TOLERANCE):
        return None
    signed = math.copysign(recomputed, published)
    return GDifference(row.line, row.text("study"), row.text("instrument"), published, signed)


class SpreadCheck:
    """The usual SD of each instrument in a database, against which single rows are held."""

    def __init__(self, rows: Sequence[Row]) -> None:
        spreads: dict[str, list[float]] = {}
        for row in rows:
            for name in ("sd_arm1", "sd_arm2"):
                if (value := row.number(name)) is not None and value > 0:
                    spreads.setdefault(row.text("instrument"), []).append(value)
        self._usual = {
            name: median(values) for name, values in spreads.items() if len(values) >= _MIN_SPREADS
        }

    def se_for_sd(self, row: Row) -> str:
        """Why the row's SDs look like standard errors; empty where they do not.

        Both are far below the instrument's usual SD and, times √n, near it.
        """
        usual = self._usual.get(row.text("instrument"))
        if usual is None or not row.known("sd_arm1", "sd_arm2", "n_arm1", "n_arm2"):
            return ""
        arms = [(row.numbers[f"sd_arm{arm}"], row.numbers[f"n_arm{arm}"]) for arm in (1, 2)]
        if any(sd >= usual * _SMALL_SPREAD or sd <= 0 for sd, _ in arms):
            return ""
        if all(usual / _SE_FACTOR <= sd * math.sqrt(n) <= usual * _SE_FACTOR for sd, n in arms):
            given = " and ".join(f"{sd:g}" for sd, _ in arms)
            return f"SDs of {given} look like standard errors: the usual SD here is {usual:.3g}"
        return ""


def implausible(g: float | None) -> bool:
    """The effect is larger than psychotherapy trials find; it is flagged, not removed."""
    return g is not None and abs(g) >= IMPLAUSIBLE_G
