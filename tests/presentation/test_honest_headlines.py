"""What a headline may say: searches, mixed conditions, two trials, filters, one number."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from ipt_evidence import EvidenceBase, Question, coverage
from ipt_evidence.analyses.answer import answer_sentence, basis, empty, interpretation
from ipt_evidence.analyses.certainty import panel as certainty_words
from ipt_evidence.analyses.certainty.result import LEVELS, certainty_of, findings
from ipt_evidence.analyses.claims.panel import COMPARISONS, finding_rows, own_estimates
from ipt_evidence.analyses.clinical_units.panel import people_panel
from ipt_evidence.analyses.clinical_units.result import hundred
from ipt_evidence.analyses.composition import mix_note, mix_sentence, search_words
from ipt_evidence.analyses.differences.panel import (
    GROUP_NAMES,
    group_names,
    group_sentence,
    group_table,
    groups_rows,
)
from ipt_evidence.analyses.differences.result import all_groups
from ipt_evidence.analyses.forest.figure import figure as forest_figure
from ipt_evidence.analyses.forest.result import trials_in_order
from ipt_evidence.analyses.forest.rows import forest_rows
from ipt_evidence.analyses.gap_map.panel import columns, gap_rows
from ipt_evidence.analyses.registry import ANALYSES
from ipt_evidence.api.answers import RESOURCES
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.selection import SERIOUS_FLAGS
from ipt_evidence.evidence.view import View, estimate_of, read_view
from ipt_evidence.exchange.bundle import bundle_files
from ipt_evidence.exchange.citation import cite
from ipt_evidence.exchange.report import report, report_html
from ipt_evidence.figures.look import Look
from ipt_evidence.living.changes import cell_sentence, compare
from ipt_evidence.living.snapshots import take
from ipt_evidence.meta_analysis.clinical_units import Carried
from ipt_evidence.wording import tables

DAY = date(2026, 11, 30)
ANXIETY = Question("anxiety", "control")
FOREIGN = Question("depression", "other_psychotherapy")
TWO = (
    Question("depression", "prevention"),
    Question("eating_disorders", "other_psychotherapy"),
    Question("depression", "pharmacotherapy"),
)


def ask(base: EvidenceBase, question: Question) -> Estimate:
    return estimate_of(base, View(question))


def cells(base: EvidenceBase) -> dict[tuple[str, str], Any]:
    rows = gap_rows(base, coverage(base), columns(base, "comparison"))
    return {(row.condition, cell.comparison): cell for row in rows for cell in row.cells}


# ------------------------------------------------------- which question a search answers


def test_a_cell_of_another_search_says_so_and_is_never_searched(base: EvidenceBase) -> None:
    answer = ask(base, FOREIGN)
    assert "found by a search for depression against control, not for this question" in basis(
        base, answer
    )
    assert set(answer.as_of.values()) == {""}
    assert not base.searched(FOREIGN.condition, str(FOREIGN.comparison))
    said = cells(base)["depression", "other_psychotherapy"]
    assert "from another search" in said.note
    assert said.note in said.alt


def test_certainty_is_held_at_low_without_a_search_for_the_question(base: EvidenceBase) -> None:
    found = certainty_of(base, View(FOREIGN))
    assert (found.level, [cap.id for cap in found.caps]) == ("low", ["search"])
    doubts = -sum(domain.judgement for domain in found.domains)
    assert LEVELS[3 - doubts] == "moderate"  # what the domains alone would say
    said = certainty_words.panel(base, View(FOREIGN)).sentences[0]
    assert "No systematic search was made for this question, so trials may be missing." in said
    assert said.endswith("Certainty is therefore held at low.")
    assert not certainty_of(base, View(Question("depression", "control"))).caps


def test_a_search_for_a_part_names_the_part(base: EvidenceBase) -> None:
    assert search_words(base, "metapsy-ptsd-psyctr", ANXIETY).endswith("for PTSD only")
    ptsd = Question("ptsd", "control")
    assert search_words(base, "metapsy-ptsd-psyctr", ptsd) == "searched up to March 2023"
    assert search_words(base, "trial-reports", ptsd) == "not a systematic search"


def test_a_search_in_adults_is_none_in_adolescents(base: EvidenceBase) -> None:
    assert base.searched_systematically("major_depression", "control")
    assert not base.searched_systematically("adolescent_depression", "control")


# ------------------------------------------------------------------------ mixed conditions


def test_a_condition_classed_apart_is_named_on_sentence_card_map_and_report(base) -> None:
    said = mix_sentence(base, ask(base, ANXIETY))
    assert said == (
        "Three of the four trials are in PTSD, which DSM-5 and ICD-11 class apart from anxiety "
        "disorders; without them: g 0.42 (95% CI 0.02 to 0.82), one trial in social anxiety "
        "disorder."
    )
    assert answer_sentence(base, ask(base, ANXIETY)).endswith(said)
    assert cells(base)["anxiety", "control"].note == "PTSD 3 of 4"
    page = report_html(report(base, View(ANXIETY)))
    assert "which DSM-5 and ICD-11 class apart from anxiety" in page


def test_what_is_left_without_a_condition_is_what_the_filter_gives(base: EvidenceBase) -> None:
    view, ignored = read_view({"condition": ["anxiety"], "omit": ["ptsd"]}, base)
    assert not ignored
    rest = estimate_of(base, view)
    assert (rest.k, tables.effect(rest.pooled.estimate)) == (1, "0.42")
    reasons = rest.selection.left_out["reason"]
    assert reasons.str.contains("Left out by you: Post-traumatic stress disorder").any()


def test_every_mixed_cell_says_what_it_mixes(base: EvidenceBase) -> None:
    eating = ask(base, Question("eating_disorders", "other_psychotherapy"))
    assert mix_sentence(base, eating) == (
        "The trials mix conditions: bulimia nervosa (1) and binge-eating disorder (1)."
    )
    assert mix_note(base, eating) == "Bulimia 1, Binge eating 1"
    alone = ask(base, Question("other", "control"))
    assert mix_sentence(base, alone) == "The trial is in borderline personality disorder."
    # A name that says no more than the question is not repeated.
    assert mix_sentence(base, ask(base, Question("postpartum", "control"))) == ""
    assert mix_sentence(base, ask(base, Question("ptsd", "control"))) == ""


def test_a_row_of_the_map_opens_into_narrower_conditions(base: EvidenceBase) -> None:
    found = coverage(base, conditions=("anxiety", "ptsd", "social_anxiety"))
    rows = {row.condition: row for row in gap_rows(base, found, columns(base, "comparison"))}
    assert rows["anxiety"].narrower >= 2
    assert (rows["ptsd"].parent, rows["ptsd"].narrower) == ("anxiety", 0)
    assert rows["ptsd"].cells[0].query == {"condition": "ptsd", "comparison": "control"}


# ---------------------------------------------------------------------- two trials are two


def numbers(answer: Estimate) -> tuple[str, ...]:
    """The interval of the mean of two trials, as pages and as files write it."""
    low, high = answer.pooled.ci_lower, answer.pooled.ci_upper
    return tables.interval(low, high), f"{low:.2f}, {high:.2f}", f"{low:.2f} to {high:.2f}"


@pytest.mark.parametrize("question", TWO)
def test_no_analysis_tells_the_mean_of_two_trials(base, question: Question) -> None:
    answer, view = ask(base, question), View(question)
    telling = []
    for analysis in ANALYSES.values():
        document = analysis.document(base, view, {})
        table = document["table"].to_dict("records")
        said = json.dumps({**document, "table": table}, default=str, ensure_ascii=False)
        telling += [analysis.id for number in numbers(answer) if number in said]
    assert not telling


ONE_OF_MANY = re.compile(
    r"(?<![\d.,–−-])1 (trials|studies|results|people|rows(?! x)|references|groups|were|have)\b"
)


def test_one_thing_is_never_said_in_the_plural(base: EvidenceBase) -> None:
    said = []
    for condition in ("depression", "anxiety"):
        for comparison in base.taxonomy.comparisons:
            view = View(Question(condition, comparison.id))
            documents = [one.document(base, view, {}) for one in ANALYSES.values()]
            text = json.dumps(
                [{**one, "table": one["table"].to_dict("records")} for one in documents],
                default=str, ensure_ascii=False,
            )  # fmt: skip
            said += [(view.question, found.group()) for found in ONE_OF_MANY.finditer(text)]
    assert not said


DEPRESSION = View(Question("depression", "control"))


def test_a_group_of_two_trials_has_no_diamond_and_says_why(base: EvidenceBase) -> None:
    answer, seen = estimate_of(base, DEPRESSION), 0
    for groups in all_groups(base, DEPRESSION):
        assert set(groups.pairs) == {
            one for one in groups.order if (groups.level == one).sum() == 2
        }
        table = group_table(groups).set_index(GROUP_NAMES[groups.by])
        figure = forest_figure(base, DEPRESSION, Look(), group=groups.by)
        drawn = [t for t in figure.data if t.name == "pooled effect of a group"]
        diamonds = sum(np.isfinite(np.asarray(trace.x, dtype=float)).any() for trace in drawn)
        shown = [one for one in groups.shown.values() if one.k > 2]
        said = group_sentence(groups)
        for level, values in groups.pairs.items():
            name = group_names(groups)[level]
            assert table.loc[name, "95% CI"] == "too few to pool"
            assert table.loc[name, "g"] == " and ".join(tables.effect(one) for one in values)
            assert f"{name} (g {table.loc[name, 'g']})" in said
            seen += 1
        assert diamonds <= len(shown)
        assert len(groups.level) == answer.k
    assert seen


def test_the_forest_plot_names_groups_of_two_as_too_few(base: EvidenceBase) -> None:
    groups = next(one for one in all_groups(base, DEPRESSION) if one.pairs)
    trials = trials_in_order(estimate_of(base, DEPRESSION), "year", groups)
    names = group_names(groups)
    assert groups.result is not None
    rows = forest_rows(
        trials,
        None,
        group="group",
        group_pooled={names[one.group]: one for one in groups.result.groups},
    )
    headings = {row.label for row in rows if row.kind == "heading"}
    assert {f"{names[level]} (two trials, too few to pool)" for level in groups.pairs} <= headings
    subtotals = sum(row.kind == "subtotal" for row in rows)
    assert subtotals == sum(one.k > 2 for one in groups.result.groups)
    panel = ANALYSES["forest"].panel(base, DEPRESSION, group=groups.by)
    assert "Two trials are too few to pool, so they stand one by one" in panel.text_alternative
    glance = groups_rows([groups]).set_index("label")
    pair = glance.loc[[names[level] for level in groups.pairs]]
    assert pair["estimate"].isna().all()
    assert (pair["instead"] == "too few to pool").all()


def test_three_trials_have_no_selections_and_two_no_other_analyses(base: EvidenceBase) -> None:
    pair = View(Question("depression", "prevention"))
    assert estimate_of(base, pair).k == 2
    gosh = ANALYSES["gosh"].panel(base, pair)
    assert (gosh.drawn, "fewer than four trials" in gosh.sentences[0]) == (False, True)
    curve = ANALYSES["specification-curve"].panel(base, pair)
    assert not curve.drawn
    assert "Every way to analyse this leaves fewer than three trials" in curve.sentences[0]


@pytest.mark.parametrize("question", TWO)
def test_nothing_that_leaves_tells_the_mean_of_two_trials(base, question: Question) -> None:
    answer = ask(base, question)
    files = bundle_files(base, answer)
    texts = [files[name].decode() for name in ("README.md", "methods.md")]
    texts += [report_html(report(base, View(question)))]
    texts += [cite(base, answer, "A question", "https://example.org", DAY).text]
    for number in numbers(answer):
        assert not any(number in text for text in texts)
    for trial in answer.trials["label"]:
        assert all(trial in text for text in texts[:3])
    settings = json.loads(files["settings.json"])["result"]
    assert settings["estimate"] == answer.pooled.estimate
    assert (settings["interpretable"], settings["why_not"][:10]) == (False, "Two trials")


def test_programs_get_the_numbers_with_a_warning(base: EvidenceBase) -> None:
    resources = {resource.name: resource for resource in RESOURCES}
    words = {"condition": ["depression"], "comparison": ["prevention"]}
    document = resources["estimate"].answer(base, words)
    assert document["pooled"]["k"] == 2
    assert document["interpretable"] is False
    assert "one degree of freedom" in document["why_not"]
    assert document["favours"] == "neither"
    table = resources["coverage"].answer(base, {})
    assert (table["interpretable"] == ~table["k"].isin([0, 2])).all()
    assert (table.loc[table["k"] == 2, "state"] == "two_trials").all()
    assert interpretation(ask(base, ANXIETY)) == {"interpretable": True, "why_not": None}


def test_claims_and_changes_tell_two_trials_as_the_overview_does(base: EvidenceBase) -> None:
    said = "two trials, g −0.99 and −0.19, too few to pool"
    claim = next(c for c in base.audit.claims if c.condition == "eating_disorders")
    rows = finding_rows(base, claim, own_estimates(base, claim.condition))
    own = rows.loc[(rows["kind"] == "own") & (rows["why"] != "")]
    assert said in set(own["why"])
    assert own["yi"].isna().all()
    fewer = replace(base, joined=base.joined.loc[base.joined["study_id"] != "agras2000"])
    change = compare(take(fewer), take(base)).cell("eating_disorders", "other_psychotherapy")
    assert change.flags == ("no_answer_now",)
    assert f"→ {said}" in cell_sentence(change, base.taxonomy)


def test_the_deepest_colour_needs_more_than_one_trial(base: EvidenceBase) -> None:
    said = cells(base)
    borderline = said["other", "control"]
    assert borderline.main == "g 1.15"
    assert borderline.tone == 1
    assert said["depression", "control"].tone == 2


# ------------------------------------------------------------------------- one number


def test_people_of_a_hundred_are_the_same_everywhere_and_add_up(base: EvidenceBase) -> None:
    sentence = people_panel(base, View(Question("depression", "control"))).sentences[0]
    (control,) = (f for f in findings(base, "depression") if f.comparison == "control")
    row = certainty_words.findings_table(base, [control]).iloc[0]
    without = row["Do well with the comparison, of 100"]
    treated = row["Do well with IPT, of 100"].split(" ")[0]
    more = row["Difference of 100"].split(" ")[0].removeprefix("+")
    assert int(without) + int(more) == int(treated)
    assert sentence.startswith(f"If {without} of 100 people do well with control, {treated} do")
    assert f": {more} more" in sentence
    assert f"{without}% of people" in certainty_words.rate_sentence(control.rate)


def test_a_hundred_is_rounded_before_it_is_subtracted() -> None:
    people = hundred(22.6, Carried(17.6, 10.7, 24.3))
    assert (people.untreated, people.treated, people.more) == (23, 40, (17, 10, 24))


# ------------------------------------------------------------------- empty cells, filters


def test_an_empty_cell_gives_the_actual_reason_everywhere(base: EvidenceBase) -> None:
    answer = ask(base, Question("eating_disorders", "control"))
    assert answer_sentence(base, answer).endswith("is not used here: measured at follow-up.")
    cell = cells(base)["eating_disorders", "control"]
    assert (cell.state, cell.main) == ("other_results", "Only at follow-up")
    assert "filters" not in empty(answer)
    maintenance = cells(base)["other", "maintenance"]
    assert maintenance.main == "Only other outcomes"


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_certainty_never_rises_because_trials_were_taken_away(base, comparison: str) -> None:
    risen = []
    for condition in base.taxonomy.top_level:
        whole = Question(condition, comparison)
        level = certainty_of(base, View(whole)).level
        for part in (
            replace(whole, rob=("low",)),
            replace(whole, without_flags=SERIOUS_FLAGS),
            replace(whole, sources=("trial-reports",)),
            replace(whole, without_conditions=base.taxonomy.children(condition)[:1]),
        ):
            found = certainty_of(base, View(part))
            if found.level is not None and LEVELS.index(found.level) > LEVELS.index(str(level)):
                risen.append(part)
    assert not risen


def test_certainty_of_a_part_says_so(base: EvidenceBase) -> None:
    low = View(Question("depression", "control", rob=("low",)))
    found = certainty_of(base, low)
    assert found.of_a_part
    said = certainty_words.panel(base, low).sentences[0]
    assert "Low certainty, of a part of the evidence:" in said
    assert "does not rise because trials were taken away" in said
    assert not certainty_of(
        base, View(Question("depression", "control", time="follow_up"))
    ).of_a_part
