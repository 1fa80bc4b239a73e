"""How to read each kind of figure: a few plain paragraphs, for somebody who sees it first."""

from __future__ import annotations

__all__ = ["BARS", "DISTRIBUTIONS", "FUNNEL", "GUIDED_FOREST", "INTERVALS", "TIMELINE"]

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
INTERVALS = (
    "The dot is the average effect, the thick line its 95% confidence interval: where that average "
    "probably lies. The thin line is the prediction interval: where the true effect of a new, "
    "similar trial may lie.\n\n"
    "- Right of 0 favours IPT, left of 0 favours the comparison.\n"
    "- A thick line that crosses 0 means: the average may be no difference at all.\n"
    "- A thin line that crosses 0 means: in some places IPT may do no better."
)
FUNNEL = (
    "Each dot is a trial: its effect from left to right, its precision from bottom to top. Large "
    "trials stand at the top and close together, small ones below and scattered.\n\n"
    "- Without bias the cloud looks like a funnel, the same on both sides.\n"
    "- A missing corner, mostly below on the left, can mean that small trials with poor results "
    "were not published. It can also mean that small trials differ in other ways, or chance.\n"
    "- With fewer than ten trials no eye and no test can tell."
)
DISTRIBUTIONS = (
    "Each curve is a group of people after treatment: the higher the curve, the more people have "
    "that result. The distance between the two peaks is g, counted in standard deviations.\n\n"
    "- The curves overlap even where the effect is large: many people of the comparison group do "
    "better than many with IPT.\n"
    "- The shaded band shows the interval: the true distance may be smaller or larger."
)
GUIDED_FOREST = (
    "Each line is a trial. The square is its result, larger for a trial that counts more; the line "
    "through it is the 95% confidence interval. The diamond is the average of all.\n\n"
    "- Right of 0 favours IPT, left of 0 favours the comparison.\n"
    "- Look first at how much the squares scatter, then at the diamond."
)
