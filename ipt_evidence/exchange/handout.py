"""The hand-out of a lesson: two pages of A4 to print, explanation first, then the questions."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ipt_evidence.about import PRODUCT
from ipt_evidence.analyses.answer import answer_sentence, title
from ipt_evidence.analyses.lessons.lesson import FOREST_EXAMPLE, Check, Lesson, example
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.exchange.figures import figure_files
from ipt_evidence.exchange.report import template

__all__ = ["handout_html"]

# Which figure of the example a lesson is about; the others need none on paper.
_FIGURES = {"forest": ("forest",), "heterogeneity": ("forest",), "small-studies": ("funnel",)}
_LETTERS = "ABCDEFGH"


@dataclass(frozen=True, slots=True)
class _Question:
    """A question with its choices in the order of the paper, the letter of the right one, why."""

    text: str
    choices: tuple[str, ...]
    answer: str
    reason: str


def handout_html(base: EvidenceBase, lesson: Lesson) -> str:
    """The text of an HTML page that prints on two pages of A4; answers stand at its foot.

    The example is IPT against control for the condition that the lesson uses; the order of the
    choices is fixed, so that everybody in a room has the same paper.
    """
    shown = _FIGURES.get(lesson.id, ())
    condition = FOREST_EXAMPLE if "forest" in shown else base.taxonomy.top_level[0]
    answer = example(base, condition)
    named = title(base, answer.selection.question)
    drawn = figure_files(answer, named, base.names, shown, ("svg",))
    svg = next(iter(drawn.values()), None)
    return str(
        template("handout.html").render(
            lesson=lesson,
            example=answer_sentence(base, answer),
            svg=svg,
            questions=[_question(check) for check in lesson.checks],
            letters=_LETTERS,
            basis=f"{PRODUCT}, data version {base.version}",
        )
    )


def _question(check: Check) -> _Question:
    choices = list(check.choices)
    random.Random(check.question).shuffle(choices)  # noqa: S311  # an order, not a secret
    letter = _LETTERS[choices.index(check.choices[check.right])]
    return _Question(check.question, tuple(choices), letter, check.reason)
