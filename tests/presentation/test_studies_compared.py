"""Studies side by side, and the words of the Studies page."""

from __future__ import annotations

import pytest

from ipt_evidence import EvidenceBase
from ipt_evidence.analyses.studies import panel as words
from ipt_evidence.analyses.studies.comparison import ORDER, comparison_caption, comparison_table
from ipt_evidence.analyses.studies.related import cited_in, kin, places, related
from ipt_evidence.analyses.studies.result import Catalogue, StudyFilter
from ipt_evidence.analyses.studies.summary import main_words, no_result, summary
from ipt_evidence.evidence.facets import facets
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import lower_first


def test_one_column_a_study_and_one_row_a_question(base: EvidenceBase) -> None:
    table = comparison_table(base, ("agras2000", "nobody", "wilfley2002"))
    assert list(table.columns) == ["", "Agras 2000", "Wilfley 2002"]
    assert table[""].tolist() == list(ORDER)
    facts = table.set_index("")["Agras 2000"]
    assert facts["Year"] == "2000"
    assert facts["Conditions"] == "Bulimia nervosa"
    assert facts["People"].startswith("220 randomised")
    effect = base.effects.set_index("effect_id")
    pooled = effect.loc[(effect["study_id"] == "agras2000") & effect["include"]]
    assert facts["Results that may be pooled"].count("\n") == len(pooled) - 1
    assert tables.effect(pooled["yi"].iloc[0]) in facts["Results that may be pooled"]
    assert facts["Further results"] == "4"
    assert comparison_caption(table) == "Agras 2000 and Wilfley 2002, fact by fact"


def test_a_study_that_no_source_cites_says_so(base: EvidenceBase) -> None:
    table = comparison_table(base, ("bleiberg", "agras2000")).set_index("")
    assert base.study("bleiberg")["references"] == ()
    assert table.loc["Reports", "Bleiberg (open trial)"] == "No reference known"
    assert "Agras" in table.loc["Reports", "Agras 2000"]


def test_no_study_leaves_a_cell_empty(base: EvidenceBase) -> None:
    table = comparison_table(base, tuple(base.studies["study_id"]))
    assert len(table.columns) == len(base.studies["label"].unique()) + 1
    assert not (table == "").any().any()
    assert not table.isna().any().any()


@pytest.mark.parametrize("facet", [facet.id for facet in facets("listed")])
def test_every_level_of_a_facet_has_a_name_and_a_number(base: EvidenceBase, facet: str) -> None:
    counts = Catalogue.of(base).find(StudyFilter()).counts[facet]
    options = words.facet_options(base, facet, counts)
    assert set(options) == set(counts)
    for level in options:
        shown = words.facet_level(base, facet, level, counts[level])
        assert shown.endswith(f" {counts[level]}")
        assert "_" not in shown
        assert shown[0].isupper() or facet == "year"


def test_the_table_says_where_words_were_found(base: EvidenceBase) -> None:
    catalogue = Catalogue.of(base)
    assert "Words found in" not in words.studies_table(base, catalogue.find(StudyFilter()))
    table = words.studies_table(base, catalogue.find(StudyFilter("dagoo")))
    assert table["Words found in"].iloc[0].startswith("name, ")


def test_the_article_and_the_sources_in_words(base: EvidenceBase) -> None:
    found = related(base, "agras2000")
    said = cited_in(base, found)
    assert said[0].condition == "Eating disorders"
    assert "better evidence" in said[0].role
    assert places(base, found)[0][0].endswith(": five results")
    assert kin(found) == []


def test_a_study_in_two_sentences(base: EvidenceBase) -> None:
    assert summary(base, "agras2000") == (
        "220 adults with bulimia nervosa were randomised to IPT in individual sessions or CBT in "
        "the USA. IPT did worse than CBT after treatment: g −0.99 (95% CI −1.47 to −0.51)."
    )
    nothing = summary(base, "clark2003")
    assert nothing.endswith(".")
    for study in base.studies["study_id"]:
        said = summary(base, study)
        assert said[0].isupper() or said[0].isdigit()
        assert "_" not in said
        assert "nan" not in said.split()


def test_a_study_without_a_number_says_why(base: EvidenceBase) -> None:
    study = base.studies.loc[base.studies["no_effect_reason"].notna()].iloc[0]
    first = str(study["no_effect_reason"]).partition(". ")[0].rstrip(".")
    said = f"It has no number that can be pooled: {lower_first(first)}"
    assert no_result(base, study) == said
    assert summary(base, study["study_id"]).endswith(f"{said}.")
    assert main_words(base, study).startswith("None: ")
