"""Every registered analysis answers any view: words, a table, and a figure where it says so."""

from __future__ import annotations

import pytest

from ipt_evidence import EvidenceBase, Question
from ipt_evidence.analyses.panel import Number, Option
from ipt_evidence.analyses.registry import ANALYSES, Analysis, analysis
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.view import View
from ipt_evidence.figures.look import Look

VIEWS = {
    0: View(Question("depression", "maintenance")),
    1: View(Question("borderline", "control")),
    2: View(Question("depression", "pharmacotherapy")),
    3: View(Question("social_anxiety", "other_psychotherapy")),
    34: View(Question("depression", "control")),
}


def values(option: Option | Number) -> list[object]:
    """Every value of an option; of a number both ends."""
    if isinstance(option, Number):
        return [option.lowest, option.highest]
    if option.several:
        return [(), *((name,) for name in option.choices), tuple(option.choices)]
    return list(option.choices)


@pytest.mark.parametrize("k", VIEWS)
@pytest.mark.parametrize("shown", ANALYSES.values(), ids=list(ANALYSES))
def test_an_analysis_has_words_or_a_table_and_a_figure_where_it_says_so(
    base: EvidenceBase, shown: Analysis, k: int
) -> None:
    panel = shown.panel(base, VIEWS[k])
    assert panel.sentences or len(panel.table) or panel.drawn
    assert all(text.endswith((".", ")")) for text in panel.sentences)
    if panel.drawn:
        assert panel.text_alternative.endswith(".")
        assert panel.how_to_read.endswith(".")
        figure = shown.figure(base, VIEWS[k], Look("depression", compact=k % 2 == 1))
        messages = [note for note in figure.layout.annotations if note.name == "message"]
        assert figure.data or messages


def test_every_value_of_an_option_is_taken(base: EvidenceBase) -> None:
    view = VIEWS[34]
    choices = [
        (shown, {option.id: value})
        for shown in ANALYSES.values()
        for option in shown.options(base, view)
        for value in values(option)
    ]
    assert choices
    for shown, chosen in choices:
        assert shown.panel(base, view, **chosen).text_alternative
        assert shown.figure(base, view, Look("depression", wide=True), **chosen).data


def test_an_unknown_analysis_is_refused_by_name() -> None:
    with pytest.raises(QuestionError, match=r"No analysis 'forrest'\. There are forest, drapery"):
        analysis("forrest")
