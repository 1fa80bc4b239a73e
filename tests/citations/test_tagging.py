from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from ipt_evidence import EvidenceBase
from ipt_evidence.citations.loading import load_citations, load_text
from ipt_evidence.citations.tagging import (
    TAG_COLUMNS,
    TermIndex,
    merge_curated,
    tag_citations,
    tag_text,
)
from ipt_evidence.citations.taxonomy import Taxonomy, load_taxonomy
from ipt_evidence.errors import DataError

DATABASES = Path(__file__).resolve().parents[2].parent / "shared" / "metapsy"


@pytest.fixture(scope="module")
def taxonomy(base: EvidenceBase) -> Taxonomy:
    return base.taxonomy


def values(title: str, taxonomy: Taxonomy, kind: str = "condition") -> set[str]:
    return {value for found, value, _ in tag_text(title, taxonomy) if found == kind}


def test_the_five_conditions_and_other_are_the_top(taxonomy: Taxonomy) -> None:
    assert taxonomy.top_level == (
        "depression",
        "anxiety",
        "eating_disorders",
        "postpartum",
        "chronic_illness",
        "other",
    )
    assert taxonomy.with_parents(["ptsd", "cancer", "depression"]) == (
        "ptsd",
        "anxiety",
        "cancer",
        "chronic_illness",
        "depression",
    )
    assert taxonomy.condition("anxiety").primary_outcomes == ("anxiety", "ptsd")
    assert all(condition.primary_outcomes for condition in taxonomy.conditions)
    assert all(comparison.question.endswith("?") for comparison in taxonomy.comparisons)
    with pytest.raises(KeyError):
        taxonomy.condition("nothing")


@pytest.mark.parametrize(
    ("title", "conditions"),
    [
        ("Interpersonal psychotherapy for depression: a meta-analysis", {"depression"}),
        ("binge‐eating disorder network centrality", {"eating_disorders", "binge_eating"}),
        ("Interpersonal psychotherapy for perinatal women", {"postpartum"}),
        (
            "Treatment of depressed pregnant women",
            {"depression", "postpartum", "perinatal_depression"},
        ),
        (
            "Preventing postpartum depression",
            {"depression", "postpartum", "perinatal_depression", "perinatal_prevention"},
        ),
        ("Postpartum hemorrhage after caesarean section", set()),
        ("Respiratory depression in the recovery room", set()),
        ("ST depression and bone marrow depression", set()),
        ("Respiratory depression and major depression", {"depression", "major_depression"}),
        ("Interpersonal Psychotherapy and Cancer", {"chronic_illness", "cancer"}),
        ("Depression in patients with HIV", {"depression", "chronic_illness", "hiv"}),
        ("Hearing aids for everybody", set()),
        ("Binge drinking among students", {"other", "substance_use"}),
        (
            "Interpersonelle Psychotherapie bei Wochenbettdepression",
            {"depression", "postpartum", "perinatal_depression"},
        ),
        (
            "Psicoterapia interpersonal para la depresión posparto",
            {"depression", "postpartum", "perinatal_depression"},
        ),
        ("Thérapie interpersonnelle de la boulimie", {"eating_disorders", "bulimia"}),
        ("Psicoterapia interpessoal no transtorno do pânico", {"anxiety", "panic"}),
        ("A study of schools", set()),
    ],
)
def test_conditions_of_titles(taxonomy: Taxonomy, title: str, conditions: set[str]) -> None:
    assert values(title, taxonomy) == conditions


@pytest.mark.parametrize(
    ("title", "is_ipt"),
    [
        ("Group IPT for depressed adolescents", True),
        ("Psychothérapie interpersonnelle", True),
        ("Intensive periodontal treatment (IPT) in type 2 diabetes", False),
        ("Intermittent preventive treatment (IPT) of malaria in pregnancy", False),
        ("Inverse probability weighting: IPT weights", False),
        ("STAIR: skills training in affective and interpersonal regulation", False),
        ("Interpersonal problems as predictors", False),
    ],
)
def test_what_is_interpersonal_psychotherapy(taxonomy: Taxonomy, title: str, is_ipt: bool) -> None:
    assert ("ipt" in values(title, taxonomy, "intervention")) is is_ipt


def test_the_words_that_matched_and_where(taxonomy: Taxonomy) -> None:
    citations = pd.DataFrame(
        {
            "key": ["a", "b"],
            "title": ["Major Depression in women", "A trial of psychotherapy"],
            "keywords": [[], ["Panic disorder"]],
            "abstract": ["Women with anxiety took part. They were randomly assigned.", None],
        }
    )
    tags = tag_citations(citations, taxonomy)
    assert tuple(tags.columns) == TAG_COLUMNS
    found = {(t.key, t.kind, t.value): (t.matched, t.field) for t in tags.itertuples()}
    assert found["a", "condition", "major_depression"] == ("Major Depression", "title")
    assert found["a", "condition", "depression"] == ("Depression", "title")
    assert ("a", "condition", "anxiety") not in found  # the title names what was treated
    assert found["a", "design", "rct"] == ("randomly assigned", "abstract")
    assert found["b", "condition", "panic"] == ("Panic", "keywords")
    assert found["b", "condition", "anxiety"][1] == "keywords"
    assert set(tags["source"]) == {"rule"}
    assert not tags.duplicated(["key", "kind", "value"]).any()


def test_no_citations_no_tags(taxonomy: Taxonomy) -> None:
    assert tag_citations(load_text(b"", "x.bib").citations, taxonomy).empty


def test_curated_tags_win() -> None:
    rules = pd.DataFrame(
        [
            ("a", "condition", "anxiety", "rule", "anxiety", "title"),
            ("a", "design", "rct", "rule", "RCT", "title"),
            ("b", "condition", "anxiety", "rule", "anxiety", "title"),
        ],
        columns=list(TAG_COLUMNS),
    )
    curated = pd.DataFrame(
        [("a", "condition", "depression", "curated", "", "studies.csv")], columns=list(TAG_COLUMNS)
    )
    merged = merge_curated(rules, curated)
    assert merged[["key", "kind", "value", "source"]].to_numpy().tolist() == [
        ["a", "design", "rct", "rule"],
        ["b", "condition", "anxiety", "rule"],
        ["a", "condition", "depression", "curated"],
    ]
    assert merge_curated(rules, curated.iloc[:0]).equals(rules)


def test_the_articles_references_are_tagged_as_they_should(data: Path, taxonomy: Taxonomy) -> None:
    citations = load_citations(data / "article_references.txt").citations
    tags = tag_citations(citations, taxonomy)
    top = tags[(tags["kind"] == "condition") & tags["value"].isin(taxonomy.top_level)]
    found = {key: set(top.loc[top["key"] == key, "value"]) for key in citations["key"]}
    assert found == {
        "cuijpers2011": {"depression"},
        "bian2023": {"depression"},
        "gomezpenedo2023": {"depression", "anxiety"},
        "miniati2018": {"eating_disorders"},
        "forrest2023": {"eating_disorders"},
        "sockol2018": {"postpartum"},
        "makino2020": {"eating_disorders", "postpartum", "depression"},
        "sotsky2021": {"chronic_illness"},
        "daiuto2018": {"chronic_illness"},
        "defigueiredo2016": {"chronic_illness"},
    }


@pytest.mark.parametrize(
    ("database", "condition", "recall"),
    [
        ("depression-psyctr", "depression", 0.95),
        ("depression-inpatients", "depression", 0.94),
        ("sad-psyctr", "social_anxiety", 1.0),
        ("ptsd-psyctr", "ptsd", 0.95),
        ("borderline-psyctr", "borderline", 0.85),  # five of 34 titles name no condition
    ],
)
def test_recall_on_the_titles_of_trial_databases(
    taxonomy: Taxonomy, database: str, condition: str, recall: float
) -> None:
    path = DATABASES / database / "metadata" / "references.json"
    if not path.exists():
        pytest.skip("trial databases are not beside the project")
    content = json.loads(path.read_text(encoding="utf-8"))
    references = dict.fromkeys(content.values() if isinstance(content, dict) else content)
    text = "\n".join(" ".join(reference.split()) for reference in references)
    titles = load_text(text, "x.txt").citations["title"].fillna("")
    assert len(titles) == len(references)
    assert sum(condition in values(title, taxonomy) for title in titles) >= recall * len(titles)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[[conditions]]\nid = 'a'\n", "needs an id and a label"),
        (
            "[[conditions]]\nid = 'a'\nlabel = 'A'\nparent = 'b'\n",
            "parent 'b' of 'a' does not exist",
        ),
        ("[[conditions]]\nid = 'a'\nlabel = 'A'\ncolour = 'red'\n", "colour is not known"),
        (
            "[[designs]]\nid = 'a'\nlabel = 'A'\n[[designs]]\nid = 'a'\nlabel = 'B'\n",
            "more than once",
        ),
        ("conditions = 3\n", "must be written as [[conditions]]"),
        ("[[", "cannot be read"),
    ],
)
def test_a_faulty_taxonomy_is_refused(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "taxonomy.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_taxonomy(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_taxonomy_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no taxonomy"):
        load_taxonomy(tmp_path / "taxonomy.toml")


@pytest.mark.parametrize(
    ("title", "condition"),
    [
        ("Interpersonelle Psychotherapie bei depressiven Patienten im Alter", "depression"),
        ("Behandlung von Angststörungen und Panikattacken", "anxiety"),
        ("Kognitive Verhaltenstherapie der Flugangst", "anxiety"),
        ("Gruppentherapie bei Essstörungen und Essanfällen", "eating_disorders"),
        ("Psychische Gesundheit von Schwangeren: eine randomisierte Studie", "postpartum"),
        ("Psychotherapie für Menschen mit chronischer Erkrankung", "chronic_illness"),
        ("Depression nach Herzinfarkt und bei Niereninsuffizienz", "chronic_illness"),
        ("Psicoterapia interpersonal en pacientes deprimidos", "depression"),
        ("Tratamiento de los trastornos ansiosos y la fobia social", "anxiety"),
        (
            "Tratamiento del trastorno por atracón y otras conductas alimentarias",
            "eating_disorders",
        ),
        ("Salud mental en mujeres embarazadas: ensayo aleatorizado", "postpartum"),
        ("Intervención psicológica en pacientes con insuficiencia renal", "chronic_illness"),
        ("Troubles de l’humeur et thérapie interpersonnelle", "depression"),
        ("Traitement du trouble panique et de l’anxiété généralisée", "anxiety"),
        ("Troubles des conduites alimentaires : thérapie de groupe", "eating_disorders"),
        ("Santé mentale des femmes enceintes", "postpartum"),
        ("Soutien psychologique aux patients atteints de cancer", "chronic_illness"),
        ("Terapia interpessoal para a depressão maior", "depression"),
        ("Transtorno de estresse pós-traumático após tortura", "anxiety"),
        ("Compulsão alimentar: ensaio clínico", "eating_disorders"),
        ("Depressão pós-parto em puérperas", "postpartum"),
        ("Saúde mental de gestantes adolescentes", "postpartum"),
        ("Psicoterapia em pessoas com fibromialgia e dor crônica", "chronic_illness"),
    ],
)
def test_titles_in_other_languages(taxonomy: Taxonomy, title: str, condition: str) -> None:
    assert condition in values(title, taxonomy)


@pytest.mark.parametrize(
    "title",
    [
        "Oxidative stress in pregnancy",
        "Respiratory distress syndrome of preterm infants",
        "Fear of falling among community residents",
        "Homophobia in schools",
        "Prenatal exposure to antidepressants and birth weight",
        "Caesarean section and wound infection",
    ],
)
def test_titles_that_only_sound_alike(taxonomy: Taxonomy, title: str) -> None:
    assert not values(title, taxonomy) & {"depression", "anxiety", "eating_disorders", "postpartum"}


def test_alternatives_of_a_part() -> None:
    index = TermIndex()
    index.add("postnatal*|new mothers + depress*|low mood", owner=3)
    found = index.find("For new mothers; no. Postnatally, low  mood and depression occur.")
    assert [match.owner for match in found] == [3]
    assert found[0].spans == ((21, 32), (34, 43))
    assert index.find("New. Mothers with depression") == []
    with pytest.raises(ValueError, match="without words"):
        index.add("a| + b", owner=1)


def test_a_people_or_a_household_is_not_an_illness(taxonomy: Taxonomy) -> None:
    migrants = values("Problem-solving therapy for Turkish migrants with depression", taxonomy)
    assert migrants == {"depression"}
    refugees = values("Case management for Karen refugees with major depression", taxonomy)
    assert "anxiety" not in refugees
    mothers = values("Internet-delivered therapy for women with maternal depression", taxonomy)
    assert {"postpartum", "depression"} <= mothers
