"""How to read each kind of figure: a few plain paragraphs, for somebody who sees it first."""

from __future__ import annotations

__all__ = ["BARS", "TIMELINE"]

BARS = (
    "Each bar counts the studies, or the people in them, that share what its label says. A hatched "
    "bar counts studies that do not report it: unknown is not the same as none.\n\n"
    "- A long bar shows where research was done, not where IPT works best.\n"
    "- A study can stand in several bars, so they need not add up to the total.\n"
    "- The table has every number, and how many studies stand behind it."
)
TIMELINE = (
    "Each line climbs by one step for each randomised trial of that condition, in the year in "
    "which it was published. Steep is busy, flat is quiet.\n\n"
    "- A flat end can mean that nobody studies it now, or that newer trials were not searched for: "
    "Methods & data gives the date of the last search of each source.\n"
    "- Lines count trials, not how well IPT worked in them."
)
