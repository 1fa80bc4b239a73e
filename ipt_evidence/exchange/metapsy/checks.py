"""Numbers that a reader should look at twice: g that its arms do not give, SEs among the SDs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ipt_evidence.exchange.metapsy.dialect import Row
from ipt_evidence.exchange.metapsy.standard import CHANGE, EVENTS, MEANS

__all__ = ["IMPLAUSIBLE_G", "GDifference", "SpreadCheck", "implausible", "recomputed_g"]

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

    @property
    def opposite(self) -> bool:
        """The two numbers lie on different sides of 0."""
        return self.published * self.recomputed < 0


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
