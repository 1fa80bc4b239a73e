"""Every study is accounted for in every facet, the unknown among them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from ipt_evidence import EvidenceBase
from ipt_evidence.analyses.coverage.result import (
    OTHERS,
    growth,
    people_randomised,
    profile,
    studies_of,
    whole_profile,
)
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.continents import continent
from ipt_evidence.evidence.facets import FACETS, facets

CHARTS = [facet.id for facet in facets("chart")]


@pytest.fixture(scope="module")
def small(base: EvidenceBase) -> EvidenceBase:
    """Five studies of the base, made plain so that a reader can count."""
    studies = base.studies.head(5).copy()
    studies["study_id"] = list("abcde")
    studies["year"] = pd.array([1989, 1990, 2003, 2003, None], dtype="Int64")
    studies["country"] = ["USA", "USA", "Uganda", None, "Atlantis"]
    studies["country_basis"] = ["seen", "general_knowledge", "seen", None, "seen"]
    studies["format"] = ["group", "group", "individual", None, None]
    studies["n_sessions"] = [8.0, 8.4, 12.0, 16.5, None]
    studies["percent_women"] = [100.0, 50.0, 49.9, 0.0, None]
    studies["n_randomised"] = pd.array([100, None, 30, None, 20], dtype="Int64")
    studies["overlaps_with"] = [(), (), (), (), ("c",)]
    studies["comparisons"] = [("control",), ("control",), (), ("control",), ("control",)]
    studies["conditions_all"] = [
        ("panic", "anxiety"), ("depression",), ("hiv", "chronic_illness", "depression"),
        ("ptsd", "anxiety"), ("depression",),
    ]  # fmt: skip
    studies["design"] = ["rct", "cluster_rct", "non_randomised", "rct", "unclear"]
    effects = base.effects.head(3).copy()
    effects["study_id"] = ["a", "a", "b"]
    effects["comparator_type"] = ["waitlist", "placebo", None]
    effects["instrument"] = ["bdi-2", "hdrs", "bdi-2"]
    effects["time"] = ["post", "follow_up", "post"]
    return replace(base, studies=studies, effects=effects)


def counts(frame: pd.DataFrame, column: str = "studies") -> dict[str, object]:
    names = frame["level"].astype(object).where(frame["level"].notna(), "unknown")
    return dict(zip(names, frame[column], strict=True))


@pytest.mark.parametrize("facet", CHARTS)
def test_rows_account_for_every_study_of_the_base(base: EvidenceBase, facet: str) -> None:
    rows = profile(base, facet)
    assert rows["level"].isna().tolist() == [False] * (len(rows) - 1) + [True]
    assert rows["level"].is_unique
    if FACETS[facet].several:
        assert rows["studies"].sum() >= len(base.studies)
    else:
        assert rows["studies"].sum() == len(base.studies)
        known = rows["people_known"].sum()
        assert known == base.studies["n_randomised"].notna().sum()
        twice = base.study("invented2002")["n_randomised"]  # they are among those of invented2003
        assert rows["people"].sum() == base.studies["n_randomised"].sum() - twice


def test_what_is_not_reported_is_a_row_and_no_zero(small: EvidenceBase) -> None:
    rows = profile(small, "format")
    assert counts(rows) == {
        "individual": 1, "group": 2, "telephone": 0, "internet": 0,
        "couple_or_family": 0, "mixed": 0, "unknown": 2,
    }  # fmt: skip
    people = counts(rows, "people")
    assert people["group"] == 100
    assert people["telephone"] == 0
    assert counts(rows, "people_known")["group"] == 1
    assert pd.isna(counts(profile(small, "year"), "people")["1990-1994"])


def test_countries_say_what_they_rest_on(small: EvidenceBase) -> None:
    rows = profile(small, "country").set_index("level")
    assert rows.loc["USA", ["studies", "general_knowledge"]].tolist() == [2, 1]
    assert rows.loc["Uganda", "general_knowledge"] == 0
    assert rows["general_knowledge"].isna().tolist() == [False, False, False, True]
    assert counts(profile(small, "continent")) == {"North America": 2, "Africa": 1, "unknown": 2}
    assert profile(small, "format")["general_knowledge"].isna().all()


def test_years_run_on_where_no_study_is(small: EvidenceBase) -> None:
    assert counts(profile(small, "year")) == {
        "1985-1989": 1, "1990-1994": 1, "1995-1999": 0, "2000-2004": 2, "unknown": 1,
    }  # fmt: skip


def test_bands_have_written_edges(small: EvidenceBase) -> None:
    assert counts(profile(small, "sessions")) == {
        "up_to_8": 2, "9_to_12": 1, "13_to_16": 1, "over_16": 0, "unknown": 1,
    }  # fmt: skip
    assert counts(profile(small, "women")) == {
        "only_women": 1, "half_or_more_women": 1, "fewer_women": 1, "only_men": 1, "unknown": 1,
    }  # fmt: skip


def test_effects_speak_for_their_study(small: EvidenceBase) -> None:
    assert counts(profile(small, "instrument")) == {"bdi-2": 2, "hdrs": 1, "unknown": 3}
    assert counts(profile(small, "follow_up")) == {"follow_up": 1, "post": 1, "unknown": 3}
    against = counts(profile(small, "against"))
    assert against["waitlist"] == against["placebo"] == against["no_comparison_arm"] == 1
    assert against["unknown"] == 3


def test_conditions_are_tags_and_parents_hold_their_children(small: EvidenceBase) -> None:
    assert list(studies_of(small, ["anxiety"])["study_id"]) == ["a", "d"]
    assert counts(profile(small, "condition")) == {
        "depression": 3, "anxiety": 2, "chronic_illness": 1, "unknown": 0,
    }  # fmt: skip
    assert counts(profile(small, "condition", ["hiv"])) == {"chronic_illness": 1, "unknown": 0}


def test_people_of_two_studies_that_share_them_count_once(small: EvidenceBase) -> None:
    rows = small.studies.to_dict("records")
    assert people_randomised(rows) == (130, 3)
    assert people_randomised(rows[1:2]) == (None, 0)
    assert people_randomised([]) == (0, 0)


def test_rare_instruments_are_folded_without_losing_a_study(base: EvidenceBase) -> None:
    whole, folded = profile(base, "instrument"), profile(base, "instrument", fold=True)
    others = folded.set_index("level").loc[OTHERS]
    assert others["levels"] == (whole["studies"].iloc[:-1] == 1).sum()
    assert 0 < others["studies"] <= others["levels"]
    assert folded["levels"].sum() == len(whole)
    assert folded["studies"].iloc[-1] == whole["studies"].iloc[-1]


def test_growth_holds_randomised_trials_once_a_condition(small: EvidenceBase) -> None:
    rows = growth(small)
    assert list(zip(rows["study_id"], rows["condition"], strict=True)) == [
        ("a", "anxiety"), ("b", "depression"), ("d", "anxiety"),
    ]  # fmt: skip
    assert growth(small, ["depression"])["study_id"].tolist() == ["b"]
    assert growth(small, ["bipolar"]).empty


def test_all_facets_stand_one_below_the_other(base: EvidenceBase) -> None:
    whole = whole_profile(base, ["anxiety"])
    assert list(dict.fromkeys(whole["facet"])) == CHARTS
    for facet in CHARTS:
        part = whole.loc[whole["facet"] == facet].reset_index(drop=True)
        assert part.equals(profile(base, facet, ["anxiety"]))


def test_no_study_leaves_empty_facets_and_an_unknown_facet_is_refused(base: EvidenceBase) -> None:
    assert whole_profile(base, ["generalised_anxiety"])["studies"].sum() == 0
    with pytest.raises(QuestionError, match="No facet 'colour'"):
        profile(base, "colour")


@pytest.mark.parametrize(
    ("country", "where"),
    [("USA", "North America"), ("Netherlands/Belgium", "Europe"), ("Uganda", "Africa"),
     ("puerto rico ", "Latin America and the Caribbean"), ("Atlantis", None),
     ("Kenya/Norway", None)],
)  # fmt: skip
def test_continents(country: str, where: str | None) -> None:
    assert continent(country) == where


def test_every_country_of_the_base_lies_somewhere(base: EvidenceBase) -> None:
    named = base.studies["country"].dropna().unique()
    assert [country for country in named if continent(country) is None] == []
