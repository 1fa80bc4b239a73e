"""Search over the studies, facets with counts, and what belongs to a study."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from ipt_evidence import EvidenceBase
from ipt_evidence.analyses.studies.meanings import alternatives
from ipt_evidence.analyses.studies.related import related
from ipt_evidence.analyses.studies.result import Catalogue, StudyFilter
from ipt_evidence.analyses.studies.search import Query, fold, parse_query
from ipt_evidence.analyses.studies.summary import main_results
from ipt_evidence.evidence.facets import facets


@pytest.fixture(scope="module")
def catalogue(base: EvidenceBase) -> Catalogue:
    return Catalogue.of(base)


def found(catalogue: Catalogue, text: str) -> set[str]:
    return set(catalogue.find(StudyFilter(text)).studies["study_id"])


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", Query()),
        ("  depress  Women ", Query(("depress", "women"))),
        ('"bulimia nervosa" cbt', Query(("bulimia nervosa", "cbt"))),
        ("“bulimia nervosa”", Query(("bulimia nervosa",))),
        ('counselling -"by telephone"', Query(("counselling",), ("by telephone",))),
        ("follow-up", Query(("follow up",))),
        ("over the phone", Query(("phone",))),
        ("the", Query(("the",))),
        ('"never closed', Query(("never closed",))),
        ('- "" -- "-"', Query()),
        ("Dagöö Łódź STRAßE", Query(("dagoo", "lodz", "strasse"))),
    ],
)
def test_what_is_typed_is_understood(typed: str, query: Query) -> None:
    assert parse_query(typed) == query


@given(some.text(max_size=60))
def test_anything_may_be_typed(text: str) -> None:
    query = parse_query(text)
    assert all(part == fold(part) and part for part in (*query.wanted, *query.unwanted))


def test_words_begin_words(catalogue: Catalogue) -> None:
    assert found(catalogue, "weissm") >= {"weissman1979"}
    whole = [fields["all"] for fields in catalogue.index.texts.values()]
    assert any("heart" in text for text in whole)
    for study in found(catalogue, "eart"):
        assert " eart" in catalogue.index.texts[study]["all"]


def test_a_phrase_is_less_than_its_words_and_a_minus_takes_away(catalogue: Catalogue) -> None:
    assert found(catalogue, '"adults major"') < found(catalogue, "adults major")
    phrase = found(catalogue, '"interpersonal counselling"')
    telephone = found(catalogue, '"interpersonal counselling" telephone')
    without = found(catalogue, '"interpersonal counselling" -telephone')
    assert telephone | without == phrase
    assert not telephone & without
    assert found(catalogue, "-telephone") == set(catalogue.index.texts) - found(
        catalogue, "telephone"
    )


def test_abstracts_and_authors_are_searched_and_told(base: EvidenceBase) -> None:
    references = base.references.copy()
    row = references.index[references["key"] == "agras2000"][0]
    references["abstract"] = references["abstract"].astype(object)
    references.loc[row, "abstract"] = "Zwölf Bekämpfungsmaßnahmen wirken."
    searched = Catalogue.of(replace(base, references=references))
    assert searched.find(StudyFilter("zwolf bekampfungsmassnahmen")).where == {
        "agras2000": ("abstract",)
    }
    assert "authors" in searched.find(StudyFilter("agras")).where["agras2000"]


def test_two_texts_do_not_make_a_phrase(catalogue: Catalogue) -> None:
    fields = catalogue.index.texts["agras2000"]
    last, first = fields["title"].split(" | ")[0].split()[-1], fields["title"].split(" | ")[1]
    assert "agras2000" not in found(catalogue, f'"{last} {first.split()[0]}"')


def test_a_trial_is_found_by_its_registration(catalogue: Catalogue) -> None:
    assert found(catalogue, "nct00553956") == {"jacob2014"}


def test_facets_keep_studies_with_one_of_the_levels(
    base: EvidenceBase, catalogue: Catalogue
) -> None:
    wanted = StudyFilter(
        facets={"condition": ("panic", "hiv"), "format": ("telephone",)}, usable=True
    )
    studies = catalogue.find(wanted).studies
    rows = base.studies.set_index("study_id").loc[studies["study_id"]]
    assert len(rows)
    assert all({"panic", "hiv"} & set(tags) for tags in rows["conditions_all"])
    assert set(rows["format"]) == {"telephone"}
    assert (studies["n_usable"] > 0).all()


@pytest.mark.parametrize("facet", [facet.id for facet in facets("listed")])
def test_a_count_is_what_choosing_the_level_finds(catalogue: Catalogue, facet: str) -> None:
    other = {"comparison": ("control",)} if facet != "comparison" else {"design": ("rct",)}
    counts = catalogue.find(StudyFilter(facets=other)).counts[facet]
    assert counts
    for level, count in counts.items():
        chosen = catalogue.find(StudyFilter(facets={**other, facet: (level,)}))
        assert len(chosen.studies) == count
        assert chosen.counts[facet] == counts  # a choice does not change its own facet


def test_newest_first(catalogue: Catalogue) -> None:
    years = catalogue.find(StudyFilter()).studies["year"].dropna()
    assert years.is_monotonic_decreasing


def test_claims_that_name_a_study_are_found(base: EvidenceBase) -> None:
    named = related(base, "agras2000").citing
    assert {citing.claim.id for citing in named} == {"eating-promise", "eating-selfworth"}
    assert all(citing.number is None for citing in named)
    key = base.audit.references[0].key
    studies = base.studies.copy()
    studies["references"] = [
        (*keys, key) if study == "elkin1989" else keys
        for study, keys in zip(studies["study_id"], studies["references"], strict=True)
    ]
    cited = related(replace(base, studies=studies), "elkin1989").citing
    assert 1 in {citing.number for citing in cited}


def test_kin_of_a_study(base: EvidenceBase) -> None:
    def kin(overlaps: tuple[str, ...], note: str) -> EvidenceBase:
        studies = base.studies.copy()
        row = studies.index[studies["study_id"] == "mossey1996"][0]
        studies.at[row, "overlaps_with"] = overlaps
        studies["note"] = studies["note"].astype(object)
        studies.at[row, "note"] = note
        return replace(base, studies=studies)

    changed = kin(("agras2000",), "Registered as NCT00553956.")
    assert related(changed, "agras2000").same_people == ("mossey1996",)
    assert related(changed, "mossey1996").same_registration == ("jacob2014",)
    assert related(changed, "jacob2014").registrations == ("NCT00553956",)


def test_every_source_of_a_study_is_named_once(base: EvidenceBase) -> None:
    assert len(base.studies)
    for study in base.studies["study_id"]:
        found = related(base, str(study))
        own = base.effects["study_id"] == study
        assert sum(number for _, _, number in found.sources) == int(own.sum())
        assert len(set(found.sources)) == len(found.sources)
        assert not set(found.reviews) & set(found.reports)


def test_a_base_without_effects_can_be_searched(base: EvidenceBase) -> None:
    empty = replace(base, effects=base.effects.iloc[:0])
    studies = Catalogue.of(empty).find(StudyFilter("agras")).studies
    assert studies["n_effects"].tolist() == [0]
    assert isinstance(studies, pd.DataFrame)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("cognitive behavioral therapy", "cbt"),
        ("teenagers", "adolescent"),
        ("suicide", "suicidal"),
        ("randomized therapies", "randomised"),
        ("depressed women", "depression"),
    ],
)
def test_other_names_and_forms_of_a_word_are_found(
    catalogue: Catalogue, typed: str, text: str
) -> None:
    texts = catalogue.index.texts
    ids = found(catalogue, typed)
    assert any(f" {text}" in texts[study]["all"] for study in ids)
    assert any(f" {fold(typed)}" not in texts[study]["all"] for study in ids)


def test_a_continent_finds_its_countries(base: EvidenceBase, catalogue: Catalogue) -> None:
    uganda = set(base.studies.loc[base.studies["country"] == "Uganda", "study_id"])
    assert uganda
    assert uganda <= found(catalogue, "africa") == found(catalogue, "African")


def test_a_short_word_and_a_phrase_stay_as_they_are() -> None:
    assert alternatives(("teen", "nct00553956", "bulimia nervosa")) == (
        (("teen",),), (("nct00553956",),), (("bulimia nervosa",),)
    )  # fmt: skip
    assert alternatives(("groups",))[0] == (("group",),)


def test_each_study_has_a_main_result_or_none(base: EvidenceBase, catalogue: Catalogue) -> None:
    results = main_results(base)
    agras = results["agras2000"]
    assert (agras.comparison, agras.time, round(agras.yi, 2)) == (
        "other_psychotherapy",
        "post",
        -0.99,
    )
    assert agras.level == "comparison"
    # Two studies of the same people: each has its own result here, though one is pooled.
    assert {"invented2002", "invented2003"} <= set(results)
    rows = catalogue.find(StudyFilter(facets={"result": ("comparison",)})).studies
    assert "agras2000" in set(rows["study_id"])
    none = catalogue.find(StudyFilter(facets={"result": ("none",)})).studies
    assert set(none["study_id"]).isdisjoint(results)
    assert len(none) + len(results) == len(base.studies)


def test_narrower_conditions_years_and_regions_are_filters(catalogue: Catalogue) -> None:
    wanted = StudyFilter(
        facets={"narrower": ("hiv",), "year": ("2015-2019",), "continent": ("North America",)}
    )
    rows = catalogue.find(wanted).studies
    assert len(rows)
    assert all("hiv" in tags for tags in rows["conditions_all"])
    assert rows["year"].between(2015, 2019).all()
