"""The Learn page in words: lessons with live examples, questions to check oneself, a glossary.

    lesson          what a lesson is made of, and what is said to an answer
    effect_size     1 what a standardised mean difference is
    forest_plot     2 how to read a forest plot
    heterogeneity   3 why trials differ
    small_studies   4 small-study effects
    trials          5 why the number of trials matters
    grade           6 what GRADE asks
    indirect        7 other therapies, and indirect comparisons
    glossary        every term in plain words

Texts are our own Markdown. Numbers in them come from the evidence base, or are conventions whose
source is linked.
"""

from __future__ import annotations

from ipt_evidence.analyses.lessons import (
    effect_size,
    forest_plot,
    grade,
    heterogeneity,
    indirect,
    small_studies,
    trials,
)

__all__ = ["LEAD", "LESSONS", "following"]

LEAD = (
    "Seven short lessons on the numbers of this explorer, with its own data as examples. No "
    "previous knowledge is needed. Each ends with five questions to check yourself; nothing is "
    "stored."
)

LESSONS = {
    lesson.id: lesson
    for lesson in (
        effect_size.LESSON,
        forest_plot.LESSON,
        heterogeneity.LESSON,
        small_studies.LESSON,
        trials.LESSON,
        grade.LESSON,
        indirect.LESSON,
    )
}


def following(topic: str) -> str | None:
    """The id of the lesson after ``topic``; None after the last one."""
    ids = list(LESSONS)
    place = ids.index(topic) + 1
    return ids[place] if place < len(ids) else None
