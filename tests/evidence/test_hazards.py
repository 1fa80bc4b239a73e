"""Every trap that the sources hold, and that `data/` has to have seen, whatever else it holds."""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from ipt_evidence import EvidenceBase, Question, estimate, select
from ipt_evidence.analyses.claims.panel import article_line
from ipt_evidence.meta_analysis.conversions import only_counts


@pytest.fixture
def base(live_base: EvidenceBase) -> EvidenceBase:
    """These tests are about the evidence itself, not about the frozen fixture base."""
    return live_base


def effects_of(base: EvidenceBase, study_id: str) -> pd.DataFrame:
    rows = base.effects.loc[base.effects["study_id"] == study_id]
    assert not rows.empty, study_id
    return rows


def effect(base: EvidenceBase, effect_id: str) -> pd.Series:
    return base.effects.set_index("effect_id").loc[effect_id]


@pytest.mark.parametrize(
    ("study_id", "source_id"),
    [
        ("bozzatello2020", "metapsy-borderline-psyctr"),
        ("schramm2007", "metapsy-depression-inpatients"),
    ],
)
def test_databases_in_which_negative_is_better_are_turned(
    base: EvidenceBase, study_id: str, source_id: str
) -> None:
    rows = effects_of(base, study_id)
    rows = rows.loc[(rows["source_id"] == source_id) & (rows["input_type"] == "means")]
    lower_means = rows.loc[
        (rows["direction"] == "lower_better") & (rows["mean_ipt"] < rows["mean_comparator"])
    ]
    assert len(lower_means)
    assert (lower_means["yi"] > 0).all()
    assert base.sources[source_id].positive_g_means == "harm"


def test_databases_in_which_positive_is_better_keep_their_sign(base: EvidenceBase) -> None:
    rows = base.effects.loc[
        base.effects["source_id"].isin(["metapsy-depression-psyctr", "metapsy-sad-psyctr"])
        & base.effects["reported_value"].notna()
    ]
    # Metapsy rounds and uses an approximate J: the numbers are near, the signs are the same.
    assert (np.sign(rows["yi"]) == np.sign(rows["reported_value"]))[
        rows["reported_value"] != 0
    ].all()
    arms = rows.loc[rows["input_type"].isin(["means", "change"])]
    assert_allclose(arms["yi"], arms["reported_value"], atol=0.01)


def test_the_printed_sign_of_bian_is_turned(base: EvidenceBase) -> None:
    rows = base.pooled.loc[base.pooled["reference"] == "bian2023"]
    assert (rows["value"] < 0).all()
    assert (rows["yi"] > 0).all()
    assert_allclose(rows["yi"], -rows["value"])
    assert_allclose(rows["yi_lower"], -rows["ci_upper"])


def test_medication_before_ipt_stays_negative(base: EvidenceBase) -> None:
    rows = base.pooled.loc[
        (base.pooled["reference"] == "cuijpers2011")
        & (base.pooled["comparison"] == "pharmacotherapy")
    ]
    assert rows["yi"].tolist() == [-0.19]


def test_effects_of_other_treatments_never_count_as_ipt(base: EvidenceBase) -> None:
    other = base.pooled.loc[~base.pooled["about_ipt"]]
    assert {"gomezpenedo2023", "makino2020", "daiuto2018"} <= set(other["reference"])
    assert other[["yi", "yi_lower", "yi_upper"]].isna().all(axis=None)
    assert not {"gomezpenedo2023", "makino2020", "daiuto2018"} & set(base.effects["reference"])


@pytest.mark.parametrize(
    "study_id",
    ["campanini2010", "klier2001", "pearlstein2006", "poleshuck2010", "badger2005", "clark2003",
     "schaal2009"],
)  # fmt: skip
def test_studies_without_sure_randomisation_are_shown_and_never_pooled(
    base: EvidenceBase, study_id: str
) -> None:
    study = base.study(study_id)
    assert study["design"] not in ("rct", "cluster_rct")
    assert study["no_effect_reason"]
    rows = base.effects.loc[base.effects["study_id"] == study_id]
    assert not rows["include"].any()


@pytest.mark.parametrize(
    ("study_id", "report"),
    [
        ("lenze2017", "lenze2020"),
        ("wilfley2002", "hilbert2012"),
        ("mcintosh2005", "carter2011"),
        ("tanofskykraff2014", "tanofskykraff2017"),
    ],
)
def test_two_reports_of_the_same_people_are_one_study(
    base: EvidenceBase, study_id: str, report: str
) -> None:
    assert report in base.study(study_id)["references"]
    assert report not in set(base.studies["study_id"])


def test_no_study_counts_twice_in_any_estimate(base: EvidenceBase) -> None:
    pooled = 0
    for condition in base.taxonomy.conditions:
        for comparison in base.taxonomy.comparisons:
            answer = estimate(base, Question(condition.id, comparison.id))
            pooled += answer.k > 1
            assert answer.trials["study_id"].is_unique
            overlaps = {
                other
                for study_id in answer.trials["study_id"]
                for other in base.study(study_id)["overlaps_with"]
            }
            assert not overlaps & set(answer.trials["study_id"])
    assert pooled


def test_the_abstract_of_a_trial_and_its_database_rows_are_not_both_pooled(
    base: EvidenceBase,
) -> None:
    rows = effects_of(base, "stangier2011")
    pooled = rows.loc[rows["include"] & (rows["time"] == "post")]
    control = pooled.loc[pooled["comparison"] == "control"]
    assert set(control["instrument"]) == {"lsas", "spai"}
    assert set(control["source_id"]) == {"metapsy-sad-psyctr"}


def test_standard_errors_printed_as_standard_deviations_are_flagged(base: EvidenceBase) -> None:
    lenze = effect(base, "lenze2017-epds")
    assert "se_for_sd" in {*lenze["flags"], *base.study("lenze2017")["flags"]}
    question = Question("postpartum", "control")
    with_it = estimate(base, question)
    without = estimate(base, Question("postpartum", "control", without_flags=("se_for_sd",)))
    assert "lenze2017" in set(with_it.trials["study_id"])
    assert "lenze2017" not in set(without.trials["study_id"])
    assert without.k < with_it.k


@pytest.mark.parametrize("study_id", ["mossey1996", "neugebauer2006", "badger2007", "badger2011"])
def test_interpersonal_counselling_is_tagged_as_a_relative(
    base: EvidenceBase, study_id: str
) -> None:
    assert base.study(study_id)["ipt_variant"] == "interpersonal_counselling"


def test_a_treatment_that_only_contains_ipt_is_not_ipt(base: EvidenceBase) -> None:
    assert base.study("jacob2014")["ipt_variant"] == "not_ipt"
    assert not effects_of(base, "jacob2014")["include"].any()


def test_therapies_with_interpersonal_in_their_name_did_not_slip_in(base: EvidenceBase) -> None:
    texts = base.studies["treatment"].fillna("") + base.studies["note"].fillna("")
    assert not texts.str.contains("STAIR").any()
    assert not base.studies["study_id"].str.startswith("cloitre").any()


def test_a_combination_never_enters_ipt_against_control(base: EvidenceBase) -> None:
    assert set(effects_of(base, "bellino2010")["comparison"]) == {"combined"}
    answer = estimate(base, Question("borderline", "control"))
    assert "bellino2010" not in set(answer.trials["study_id"])
    bozzatello = answer.trials.set_index("study_id").loc["bozzatello2020"]
    assert "waiting list" in bozzatello["comparator"]


def test_a_trial_of_mothers_of_four_year_olds_is_not_perinatal(base: EvidenceBase) -> None:
    mennen = base.study("mennen2021")
    assert "postpartum" not in mennen["conditions_all"]
    assert mennen["design"] == "cluster_rct"
    assert "coded_perinatal" in mennen["flags"]


def test_a_discussion_board_that_does_not_name_ipt_is_shown_and_not_pooled(
    base: EvidenceBase,
) -> None:
    assert "not_ipt_delivery" in base.study("vigod2021")["flags"]
    rows = effects_of(base, "vigod2021")
    assert rows["yi"].notna().any()
    assert not rows["include"].any()


# Arms that go by the rule in taxonomy.toml and could as well stand on the other side.
DOUBTFUL = {
    "markowitz2015": "other_psychotherapy",  # relaxation
    "mcintosh2005": "other_psychotherapy",  # specialist supportive clinical management
    "dietz2015": "other_psychotherapy",  # child-centred therapy
    "talbot2011": "control",  # psychotherapy of the clinic
    "duberstein2018": "control",  # the same
    "weissman1979": "control",  # support when asked for
    "parhiala2020": "control",  # brief psychosocial support
    "liyang2025": "control",  # routine supportive counselling
}


def test_supportive_comparators_go_by_one_rule(base: EvidenceBase) -> None:
    doubtful = base.effects.loc[base.effects["comparison_otherwise"].notna()]
    sides = doubtful.groupby("study_id")["comparison"].agg(set)
    assert sides.to_dict() == {study: {side} for study, side in DOUBTFUL.items()}
    others = {"control": "other_psychotherapy", "other_psychotherapy": "control"}
    assert (doubtful["comparison_otherwise"] == doubtful["comparison"].map(others)).all()
    for study, side in DOUBTFUL.items():
        assert side in base.study(study)["comparisons"]


def test_every_number_that_nobody_printed_says_how_it_was_reached(base: EvidenceBase) -> None:
    rows = base.effects
    again = rows.loc[rows["obtained"] == "reconstructed"]
    assert len(again)
    named = again["note"].str.contains("only_counts|only counts|whole number", case=False)
    assert named.all(), again.loc[~named, "effect_id"].tolist()
    weak = rows.loc[rows["obtained"] == "low_trust"]
    assert len(weak)
    assert not weak["include"].any()
    assert weak["include_reason"].str.len().gt(10).all()


@pytest.mark.parametrize(
    ("effect_id", "shares", "sizes", "p", "people"),
    [
        ("fairburn2015-remission-60weeks", ("49.0", "69.4"), (range(1, 66), range(1, 66)), ".028",
         range(131)),
        ("schramm2011-remission", ("20", "57"), (range(1, 31), range(1, 31)), "", (29, 30)),
        ("shear2005-response", ("28", "51"), ([46], [49]), "", (95,)),
        ("zlotnick2016-onset-6months", ("16", "31"), ([104], [101]), "", (205,)),
        ("schramm2007-response", ("70", "51"), ([63], [61]), "", (124,)),
        ("schramm2007-remission", ("49", "34"), ([63], [61]), "", (124,)),
    ],
)  # fmt: skip
def test_reconstructed_counts_are_the_only_ones(
    base: EvidenceBase,
    effect_id: str,
    shares: tuple[str, str],
    sizes: tuple[Collection[int], Collection[int]],
    p: str,
    people: Collection[int],
) -> None:
    names = ["events_ipt", "n_ipt", "events_comparator", "n_comparator"]
    fits = [found for found in only_counts(shares, sizes, p) if found[1] + found[3] in people]
    assert fits == [tuple(effect(base, effect_id)[names].astype(int))]


def test_a_printed_sign_against_the_scale_is_not_taken_over(base: EvidenceBase) -> None:
    """Q-LES-Q: "WMD -10.1 favoring IPT" on a scale where higher is better."""
    row = effect(base, "markowitz2015-q-les-q-rt")
    assert row["reported_value"] < 0
    assert (row["direction"], row["reported_positive_favours"]) == ("higher_better", "comparator")


def test_the_base_is_as_large_as_its_sources(base: EvidenceBase) -> None:
    assert len(base.studies) >= 140
    assert (base.effects["include"] & base.effects["yi"].notna()).sum() >= 130
    answered = [
        estimate(base, Question(condition, comparison.id)).k >= 3
        for condition in base.taxonomy.top_level
        for comparison in base.taxonomy.comparisons
    ]
    assert sum(answered) >= 11


@pytest.mark.parametrize("study_id", ["jiang2014", "phipps2013"])
def test_percentages_without_denominators_are_not_counts(base: EvidenceBase, study_id: str) -> None:
    rows = effects_of(base, study_id)
    assert rows[["events_ipt", "events_comparator"]].isna().all(axis=None)


def test_doubtful_numbers_are_shown_with_their_reason_and_not_pooled(base: EvidenceBase) -> None:
    doubtful = base.effects.loc[base.effects["check"].isin(["doubtful", "not_found"])]
    assert len(doubtful)
    assert not doubtful["include"].any()
    assert doubtful["include_reason"].str.len().gt(10).all()


def test_scales_on_which_higher_is_better_turn_the_sign(base: EvidenceBase) -> None:
    higher = base.instruments.loc[base.instruments["direction"] == "higher_better", "instrument_id"]
    rows = base.effects.loc[base.effects["instrument"].isin(set(higher))]
    assert (rows["direction"] == "higher_better").all()


@pytest.mark.parametrize("study_id", ["lesperance2007", "badger2011", "spinelli2013", "dagoo2014"])
def test_null_and_negative_results_are_in_the_base(base: EvidenceBase, study_id: str) -> None:
    assert base.study(study_id) is not None
    assert len(base.effects.loc[base.effects["study_id"] == study_id])


def test_diabetes_has_its_two_trials_although_the_article_cites_none(base: EvidenceBase) -> None:
    rows = base.studies.loc[["diabetes" in c for c in base.studies["conditions"]]]
    assert {"gois2012", "sadeghi2025"} <= set(rows["study_id"])


def test_bulimia_is_slower_than_cbt(base: EvidenceBase) -> None:
    recovered = effect(base, "agras2000-recovered")
    assert (recovered["events_ipt"], recovered["events_comparator"]) == (7, 32)
    assert recovered["yi"] < 0


def test_every_number_has_a_source_that_can_be_opened(base: EvidenceBase) -> None:
    for frame in (base.effects, base.pooled, base.studies):
        assert frame["source_url"].str.match(r"https?://[^/\s]+/?").all()
    for frame in (base.effects, base.pooled):
        assert frame["quote"].str.len().gt(0).all()


def test_unknown_stays_unknown(base: EvidenceBase) -> None:
    unknown = base.effects.loc[base.effects["input_type"] == "none"]
    assert len(unknown)
    assert unknown[["yi", "vi"]].isna().all(axis=None)
    assert base.studies["n_randomised"].isna().any()
    assert not (base.studies["n_randomised"] == 0).any()


def test_what_is_left_out_is_listed_with_a_reason(base: EvidenceBase) -> None:
    found = select(base, Question("depression", "control"))
    every = set(found.effects["effect_id"]) | set(found.left_out["effect_id"])
    tagged = base.studies.loc[["depression" in c for c in base.studies["conditions_all"]]]
    expected = base.effects.loc[
        base.effects["study_id"].isin(set(tagged["study_id"]))
        & (base.effects["comparison"] == "control")
    ]
    assert every == set(expected["effect_id"])
    assert (found.left_out["reason"].str.len() > 0).all()


def _addresses(base: EvidenceBase) -> list[str]:
    rows = [table["source_url"] for table in (base.studies, base.effects, base.pooled)]
    better = [item for part in (base.audit.references, base.audit.claims) for one in part
              for item in one.better_evidence]  # fmt: skip
    return [
        *pd.concat([*rows, base.references["url"]]).dropna(),
        *(one.source_url for one in base.audit.references),
        *(item.url for item in better),
    ]


def test_each_trial_of_a_review_stands_in_its_quotation(base: EvidenceBase) -> None:
    """By the name of the first author; reports of one trial may make two names of one trial."""
    assert len(base.reviews) >= 13
    for row in base.reviews.to_dict("records"):
        quoted = plain_name(row["quote"])
        labels = [str(base.study(study_id)["label"]) for study_id in row["included"]]
        for name in (*labels, *row["others"]):
            author = plain_name(re.split(r"[ ,(&]", name)[0])
            assert author in quoted, (row["review_id"], name)


def test_no_review_holds_a_trial_from_after_its_search(base: EvidenceBase) -> None:
    years = dict(zip(base.studies["study_id"], base.studies["year"], strict=True))
    later = [
        (row["review_id"], study_id)
        for row in base.reviews.to_dict("records")
        for study_id in row["included"]
        if pd.notna(years[study_id]) and years[study_id] > row["until"]
    ]
    assert later == []


def plain_name(text: str) -> str:
    """Letters alone, in lower case: "O’Hara", "O'Hara" and the guideline's "McInstosh"."""
    return re.sub(r"[^a-z]", "", text.lower()).replace("mcinstosh", "mcintosh")


def test_no_address_is_a_bare_number_of_a_machine(base: EvidenceBase) -> None:
    addresses = _addresses(base)
    assert len(addresses) > 500
    bare = [url for url in addresses if re.match(r"https?://[\d.]+(?:[:/]|$)", url)]
    assert bare == []


def test_references_are_fit_to_cite(base: EvidenceBase) -> None:
    """Two reports were seen without a title; nobody may join them, or be called "et al."."""
    records = base.references
    reports = {key for keys in base.studies["references"] for key in keys}
    without = records.loc[records["title"].isna() & records["key"].isin(reports), "key"]
    assert set(without) <= {"browne2002", "shea2023"}
    names = [person["family"] for people in records["authors"] for person in people]
    assert not {"et al", "et al.", "others"} & {name.lower() for name in names}
    identified = records["doi"].notna() | records["pmid"].notna()
    assert identified.mean() > 0.88, "look for the DOI or PMID of the newest reports"


def test_the_audited_article_is_named_as_far_as_it_is_known(base: EvidenceBase) -> None:
    assert article_line(base.audit) == (
        "The article: “Clinical Applications of Interpersonal Psychotherapy (IPT)”. "
        "Its author and address are not known to us."
    )
    assert base.sources["overview-article"].address == ""
