"""The rows of a view as metafor, RevMan and robvis take them in."""

from __future__ import annotations

import io
import math
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from docx import Document

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.exchange.formats import FORMATS, domains
from ipt_evidence.exchange.grade import COLUMNS
from ipt_evidence.wording.plain import csv_safe

FORMATS_BY_NAME = {form.name: form for form in FORMATS}


@pytest.fixture(scope="module")
def answer(base: EvidenceBase) -> Estimate:
    return estimate(base, Question("depression", "control"))


@pytest.fixture(scope="module")
def files(base: EvidenceBase, answer: Estimate) -> dict[str, pd.DataFrame]:
    return {name: t for form in FORMATS for name, t in form.tables(base, answer).items()}


def test_metafor_has_each_effect_with_its_standard_error(
    files: dict[str, pd.DataFrame], answer: Estimate
) -> None:
    frame = files["metafor.csv"]
    assert list(frame.columns[:4]) == ["slab", "yi", "vi", "sei"]
    assert list(frame["yi"]) == list(answer.selection.effects["yi"])
    assert all(math.isclose(s * s, v) for s, v in zip(frame["sei"], frame["vi"], strict=True))


def test_metafor_recomputes_g_from_the_raw_columns(
    files: dict[str, pd.DataFrame], tmp_path: Path, rscript: str
) -> None:
    place = tmp_path / "metafor.csv"
    place.write_text(csv_safe(files["metafor.csv"]), encoding="utf-8")
    script = (
        f'suppressMessages(library(metafor)); d <- read.csv("{place}");'
        "d <- d[!is.na(d$sd1i) & !is.na(d$sd2i), ];"
        'e <- escalc("SMD", m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i, data=d,'
        'var.names=c("g", "v")); cat(nrow(e), max(abs(abs(e$g) - abs(e$yi)), na.rm=TRUE))'
    )
    done = subprocess.run([rscript, "-e", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows, furthest = done.stdout.split()
    assert int(rows) > 10 and float(furthest) < 1e-9


def test_revman_names_the_same_studies_and_arms_in_every_file(
    files: dict[str, pd.DataFrame], answer: Estimate
) -> None:
    studies = set(files["revman-study-information.csv"]["Study"])
    assert len(studies) == answer.k
    arms = files["revman-study-arms.csv"]
    assert list(arms.columns) == ["Study", "Arm", "Description", "Intervention"]
    assert set(arms["Study"]) == studies
    results = files["revman-study-results.csv"]
    pairs = set(zip(arms["Study"], arms["Arm"], strict=True))
    assert set(zip(results["Study"], results["Arm"], strict=True)) <= pairs
    assert set(files["revman-risk-of-bias-1.csv"]["Study"]) <= studies


def test_revman_results_are_the_numbers_of_the_arms(
    files: dict[str, pd.DataFrame], answer: Estimate
) -> None:
    results = files["revman-study-results.csv"]
    effects = answer.selection.effects.set_index("effect_id")
    results.index = results["Footnotes"].str.partition(":")[0]
    assert set(results.index) == set(effects.index)
    for effect_id, rows in results.groupby(level=0):
        effect, kind = effects.loc[effect_id], rows["Data type"].iloc[0]
        if kind == "Continuous":
            assert list(rows["Mean"]) == [effect["mean_ipt"], effect["mean_comparator"]]
        elif kind == "Dichotomous":
            assert list(rows["Cases"]) == [effect["events_ipt"], effect["events_comparator"]]
        else:
            assert rows["Mean"].item() == -effect["yi"]
            assert "negative difference favours IPT" in rows["Footnotes"].item()


@pytest.mark.parametrize("comparison", ["control", "other_psychotherapy", "pharmacotherapy"])
def test_a_revman_outcome_is_one_scale_in_one_direction(
    base: EvidenceBase, comparison: str
) -> None:
    answer = estimate(base, Question("depression", comparison))
    results = FORMATS_BY_NAME["revman"].tables(base, answer)["revman-study-results.csv"]
    assert len(results) > 2
    assert not results.duplicated(["Study", "Outcome", "Arm"]).any()
    assert results.groupby("Outcome")["Data type"].nunique().max() == 1
    effects = answer.selection.effects.set_index("effect_id")
    results = results.join(
        effects[["instrument", "direction"]], on=results["Footnotes"].str.partition(":")[0]
    )
    arms = results[results["Data type"] != "Contrast level"]
    assert arms.groupby("Outcome")[["instrument", "direction"]].nunique().to_numpy().max() == 1


def test_revman_has_whole_counts_and_blanks_for_what_is_unknown(
    base: EvidenceBase, answer: Estimate
) -> None:
    made = FORMATS_BY_NAME["revman"].files(base, answer)
    files = {name: content.decode() for name, content in made.items()}
    results = files["revman-study-results.csv"].splitlines()
    assert len(results) > 2 and not any(",NA" in line or "not reported" in line for line in results)
    table = pd.read_csv(io.StringIO(files["revman-study-results.csv"]), dtype=str)
    counts = table[["Sample size", "Cases"]].stack().dropna()
    assert len(counts) > 2 and counts.str.fullmatch(r"\d+").all()
    arms = pd.read_csv(io.StringIO(files["revman-study-arms.csv"]), dtype=str)
    assert arms["Intervention"].notna().all()
    assert not arms["Intervention"].str.contains("not reported|_").any()


def test_robvis_has_study_first_overall_and_weight_last(
    files: dict[str, pd.DataFrame], answer: Estimate
) -> None:
    frames = [frame for name, frame in files.items() if name.startswith("robvis")]
    for frame in frames:
        assert frame.columns[0] == "Study" and list(frame.columns[-2:]) == ["Overall", "Weight"]
        judgements = set(frame.iloc[:, 1:-1].to_numpy().ravel())
        assert judgements <= {"Low", "Some concerns", "High", "No information"}
    assert sum(len(frame) for frame in frames) == answer.k
    assert math.isclose(sum(frame["Weight"].sum() for frame in frames), 100, abs_tol=0.5)


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        (
            "Metapsy, Cochrane tool version 1: 2 of 4 criteria met (sequence generation 1, "
            "allocation concealment 0, blinded assessors sr/0, intention to treat 1)",
            ("rob1", ["Low", "High", "High", "Low"]),
        ),
        (
            "Cochrane tool version 2: overall Some Concerns (D1 some concerns, D2 to D5 low)",
            ("rob2", ["Some concerns", "Low", "Low", "Low", "Low"]),
        ),
        ("", ("rob1", ["No information"] * 4)),
    ],
)
def test_a_rating_is_read_domain_by_domain(detail: str, expected: tuple[str, list[str]]) -> None:
    version, judged = domains(detail)
    assert (version, list(judged.values())) == expected


def test_the_summary_of_findings_names_each_comparison(files: dict[str, pd.DataFrame]) -> None:
    frame = files["summary-of-findings.csv"]
    row = frame.iloc[0]
    assert row["comparison"] == "Control" and row["k"] == 34
    assert [round(row[name], 2) for name in ("estimate", "ci_lower", "ci_upper")] == [
        0.50, 0.34, 0.65,
    ]  # fmt: skip
    assert math.isclose(row["ipt_of_100"] - row["comparison_of_100"], row["difference_of_100"])
    text = csv_safe(frame)
    assert "\u2212" not in text and "'" not in text


def test_the_summary_of_findings_opens_in_word_in_the_columns_of_grade(
    base: EvidenceBase, answer: Estimate, files: dict[str, pd.DataFrame]
) -> None:
    made = FORMATS_BY_NAME["findings"].files(base, answer)["summary-of-findings.docx"]
    assert made == FORMATS_BY_NAME["findings"].files(base, answer)["summary-of-findings.docx"]
    document = Document(io.BytesIO(made))
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert rows[1] == list(COLUMNS)
    assert rows[0][1] == rows[0][2] == "Anticipated absolute effects* (95% CI)"
    numbers = files["summary-of-findings.csv"]
    assert len(rows) == 2 + len(numbers)
    first = numbers.iloc[0]
    ends = [first["comparison_of_100"] + first[f"difference_of_100_{end}"]
            for end in ("lower", "upper")]  # fmt: skip
    assert rows[2] == [
        "Depression: IPT against control",
        f"{first['comparison_of_100']:.0f} of 100 do well",
        f"{first['ipt_of_100']:.0f} of 100 do well ({ends[0]:.0f} to {ends[1]:.0f})",
        "g 0.50 (95% CI 0.34 to 0.65)",
        f"{first['n']:,.0f} (34 RCTs)",
        "⊕⊕◯◯ Low",
        rows[2][6],
    ]
    assert rows[2][6].startswith("Low certainty") and "risk of bias" in rows[2][6]
    said = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for words in ("positive favours IPT", "not a GRADE rating", "median share"):
        assert words in said


def test_no_trial_gives_empty_tables_not_errors(base: EvidenceBase) -> None:
    none = estimate(base, Question("anorexia", "prevention"))
    tables = [item for form in FORMATS for item in form.tables(base, none).items()]
    assert tables
    for name, table in tables:
        assert name.startswith(("summary", "prisma")) or table.empty
    for form in FORMATS:
        assert all(form.files(base, none).values())
