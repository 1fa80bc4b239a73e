"""Numbers as people read them, and CSV that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pandas as pd
import pytest

from ipt_evidence.wording import tables


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.4812, "0.48"),
        (-0.2, "−0.20"),
        (-0.004, "0.00"),
        (0, "0.00"),
        (1234.5, "1,234.50"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "not reported"),
        (None, "not reported"),
        (pd.NA, "not reported"),
        ("NA", "not reported"),
    ],
)
def test_effect(value: object, shown: str) -> None:
    assert tables.effect(value) == shown


def test_interval_needs_both_ends() -> None:
    assert tables.interval(0.31, 0.65) == "0.31 to 0.65"
    assert tables.interval(-0.364, 1.306) == "−0.36 to 1.31"
    assert tables.interval(0.31, None) == "not reported"


def test_estimate_with_interval_names_its_level() -> None:
    assert tables.estimate_with_interval(0.4812, 0.31, 0.65) == "0.48 (95% CI 0.31 to 0.65)"
    assert tables.estimate_with_interval(0.4812, 0.35, 0.61, 90.0) == "0.48 (90% CI 0.35 to 0.61)"
    assert tables.estimate_with_interval(0.48, math.nan, 0.6) == "0.48 (interval not reported)"
    assert tables.estimate_with_interval(None, 0.1, 0.6) == "not reported"


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (0.0000001, "< .001"),
        (0.001, ".001"),
        (0.0042, ".004"),
        (0.0311, ".03"),
        (0.0496, "< .05"),
        (0.05, ".050"),
        (0.0504, ".050"),
        (0.123, ".12"),
        (0.5, ".50"),
        (0.998, "> .99"),
        (1.0, "> .99"),
        (math.nan, "not reported"),
    ],
)
def test_p_value(p: float, shown: str) -> None:
    assert tables.p_value(p) == shown


def test_percent_and_count() -> None:
    assert tables.percent(71.6) == "72%"
    assert tables.percent(0.0) == "0%"
    assert tables.percent(0.2) == "< 1%"
    assert tables.percent(3.24, 1) == "3.2%"
    assert tables.percent(None) == "not reported"
    assert tables.count(3012) == "3,012"
    assert tables.count(np.int64(31)) == "31"
    assert tables.count(pd.NA) == "not reported"


def test_text_and_risk_of_bias() -> None:
    assert tables.text(["a", "b"]) == "a, b"
    assert tables.text([]) == "not reported"
    assert tables.is_missing(())
    assert not tables.is_missing(("a",))
    assert tables.text("waiting list") == "waiting list"
    assert tables.risk_of_bias("some_concerns") == "Some concerns"
    assert tables.risk_of_bias(None) == "not reported"


def test_trials_table_keeps_order_and_says_what_is_missing() -> None:
    trials = pd.DataFrame(
        {
            "study_id": ["b", "a"],
            "label": ["Second 1999", "First 1989"],
            "year": pd.array([1999, pd.NA], dtype="Int64"),
            "yi": [-0.25, math.nan],
            "ci_lower": [-0.5, math.nan],
            "ci_upper": [0.0, math.nan],
            "weight": [62.55, math.nan],
            "n": pd.array([1200, pd.NA], dtype="Int64"),
            "rob": ["high", None],
        }
    )
    shown = tables.trials_table(trials)
    assert shown["Study"].tolist() == ["Second 1999", "First 1989"]
    assert shown.loc[0].tolist() == [
        "Second 1999",
        "1999",
        "not reported",
        "1,200",
        "−0.25",
        "−0.50 to 0.00",
        "62.5%",
        "High",
        "",
    ]
    assert shown.loc[1, ["Year", "People", "g", "95% CI", "Weight", "Risk of bias"]].tolist() == (
        ["not reported"] * 6
    )
    assert list(tables.trials_table(trials.iloc[0:0]).columns) == list(shown.columns)


def test_csv_safe_disarms_text_and_leaves_numbers() -> None:
    frame = pd.DataFrame(
        {
            "=name": ["=1+1", "+x", "-x", "@x", "\tx", "\rx", "plain", "a=b", "＝1"],
            "yi": [-0.25, 1e-9, np.nan, 0.1 + 0.2, 1, 2, 3, 4, 5],
            "n": pd.array([1, None, -3, 4, 5, 6, 7, 8, 9], dtype="Int64"),
            "ok": [True, False] * 4 + [True],
            "mixed": [-1, "-1", None, "é", 2.5, "", "x", "y", "z"],
        }
    )
    text = tables.csv_safe(frame)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == ["'=name", "yi", "n", "ok", "mixed"]
    names = [row[0] for row in rows[1:]]
    assert names == ["'=1+1", "'+x", "'-x", "'@x", "'\tx", "'\nx", "plain", "a=b", "'＝1"]
    assert [row[1] for row in rows[1:5]] == ["-0.25", "1e-09", "NA", "0.30000000000000004"]
    assert [row[2] for row in rows[1:4]] == ["1", "NA", "-3"]
    assert [row[3] for row in rows[1:3]] == ["true", "false"]
    assert [row[4] for row in rows[1:5]] == ["-1", "'-1", "NA", "é"]
    assert text.endswith("\n")


def test_csv_safe_handles_categories_repeated_names_and_no_rows() -> None:
    frame = pd.DataFrame([["=a", "b"]], columns=["x", "x"])
    frame.iloc[:, 0] = frame.iloc[:, 0]
    assert tables.csv_safe(frame) == "x,x\n'=a,b\n"
    category = pd.DataFrame({"c": pd.Categorical(["=a", None])})
    assert tables.csv_safe(category) == "c\n'=a\nNA\n"
    assert tables.csv_safe(pd.DataFrame({"a": []})) == "a\n"


@pytest.mark.parametrize(
    "url",
    [
        "https://doi.org/10.1176/appi.ajp.2010.10101411",
        "http://example.org:8080/a?b=c#d",
        "HTTPS://Example.org/",
        "https://[2001:db8::1]/x",
    ],
)
def test_safe_url_passes_web_addresses(url: str) -> None:
    assert tables.safe_url(url) == url
    assert tables.safe_url(f"  {url} ") == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        3,
        "",
        "NA",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/",
        "//example.org/x",
        "https:///x",
        "https://",
        "https://user:pw@example.org/",
        "https://user@example.org/",
        "https://example.org/a b",
        "https://exa\nmple.org/",
        "java\tscript:alert(1)",
        "https://example.org\\@evil.org",
        "https://exam\u202eple.org/",
        "https://[::1",
        "https://example.org:notaport/",
        "https://example.org/\x00",
    ],
)
def test_safe_url_refuses_the_rest(url: object) -> None:
    assert tables.safe_url(url) is None


def test_pooled_table_of_one_trial_says_what_needs_more() -> None:
    pooling = pytest.importorskip("ipt_evidence.meta_analysis.models")
    one = tables.pooled_table(pooling.pool([0.5], [0.04])).set_index("Quantity")["Value"]
    assert one["Pooled effect (Hedges g)"] == "0.50"
    assert one["95% confidence interval"] == "0.11 to 0.89"
    assert one["95% prediction interval"] == "needs three trials or more"
    assert one["I²"] == one["τ"] == one["Q"] == "needs two trials or more"
    four = tables.pooled_table(pooling.pool([0.1, 0.9, 0.4, 0.5], [0.02, 0.03, 0.04, 0.05]))
    shown = four.set_index("Quantity")["Value"]
    assert shown["Trials"] == "4"
    assert shown["I²"].endswith("%")
    assert " to " in shown["95% prediction interval"]
