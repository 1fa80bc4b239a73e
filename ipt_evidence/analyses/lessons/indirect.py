"""Lesson 7: other therapies, and what an indirect comparison can and cannot tell."""

from __future__ import annotations

from ipt_evidence.analyses.lessons.lesson import Check, Lesson, cite
from ipt_evidence.analyses.therapies.result import LEAST, beside
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.context import context_conditions
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View

__all__ = ["LESSON", "NO_TABLE", "examples"]

NO_TABLE = "This base holds no trials of other therapies to try it on."
LESSON = Lesson(
    id="indirect",
    label="Other therapies",
    title="Is IPT better than another therapy?",
    explanation=(
        "A **direct** comparison randomises people between IPT and the other therapy, such as "
        "cognitive behavioural therapy. Chance alone decides who gets which, so a difference "
        "between the groups at the end is due to the therapies, or to chance.",
        "An **indirect** comparison has no such trial. It takes trials of IPT against control and "
        "trials of the other therapy against control, and holds the two averages side by side. "
        "Nobody was randomised between them. If the trials of one therapy used waiting lists more "
        "often, or took in people who were less ill, that alone moves an average "
        f"({cite('indirect')}).",
        "**Meta-regression** can allow for what is known of the trials: which kind of control, "
        "which people, how well they were done, in which year. What nobody wrote down it cannot "
        "allow for. So an indirect comparison gives a hint, and a direct trial weighs more.",
    ),
    try_it=(
        "Each row below is one therapy against control; the ring is IPT. The table under it gives "
        "the difference to IPT, as it is and adjusted. Compare it with what the direct trials say."
    ),
    summary=(
        "Ask first: was anybody randomised between the two?",
        "Two averages against control are an indirect comparison, however many trials are in them.",
        "Adjusting helps against what was recorded, and against nothing else.",
        "“No clear difference” does not mean “equally good”.",
    ),
    checks=(
        Check(
            "Trials of one therapy found g 0.8 against control, trials of another g 0.5. Which of "
            "the two is better?",
            (
                "The first, by 0.3.",
                "That cannot be told from these two numbers alone.",
                "They are equally good.",
            ),
            1,
            "The trials may differ in their controls, their people and their methods.",
        ),
        Check(
            "Why do waiting lists as control groups matter here?",
            (
                "Effects against a waiting list tend to be larger, so a therapy that was tested "
                "against waiting lists more often looks better.",
                "They are not allowed in trials.",
                "They make all therapies look the same.",
            ),
            0,
            "People on a waiting list know that they get nothing for now; the gap to them is wide.",
        ),
        Check(
            "What does “adjusted for kind of control and risk of bias” mean?",
            (
                "Bad trials were left out.",
                "The comparison is now as good as a randomised one.",
                "The difference is the one expected between trials that are alike in these two.",
            ),
            2,
            "Trials may still differ in everything else.",
        ),
        Check(
            "Three trials randomised people between IPT and CBT; hundreds compare one of them "
            "with control. Which do you look at first?",
            (
                "The hundreds, since more is better.",
                "The three, since they compare what you want to know.",
                "Neither.",
            ),
            1,
            "A direct comparison answers the question. The indirect one says whether it fits in.",
        ),
        Check(
            "The interval of the indirect difference runs from −0.4 to 0.1. How do you put it?",
            (
                "“IPT is as good as the others.”",
                "“IPT is worse than the others.”",
                "“Indirectly, no clear difference; a moderate one against IPT is possible.”",
            ),
            2,
            "The whole interval counts, and the word indirectly belongs to it.",
        ),
    ),
)


@cached
def examples(base: EvidenceBase) -> list[str]:
    """Conditions in which IPT has trials enough to stand beside the others."""
    found = []
    for condition in context_conditions(base):
        ipt = beside(base, View(Question(condition))).ipt
        if ipt is not None and ipt.k >= LEAST and not base.taxonomy.condition(condition).parent:
            found.append(condition)
    return found
