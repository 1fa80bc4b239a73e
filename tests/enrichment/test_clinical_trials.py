"""Registered trials: read from the documented shape, tagged, held against the base, on the map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from service import Asked, Replay, Reply
from shapes import play, registered_list, registered_study

from ipt_evidence import EvidenceBase, coverage
from ipt_evidence.analyses.gap_map.panel import columns, gap_rows
from ipt_evidence.evidence.registered import registered, registered_path, under_way
from ipt_evidence.living.registered import registered_table
from ipt_evidence.living.runs import last_search
from ipt_evidence.living.updating import update
from ipt_evidence.services.client import Client
from ipt_evidence.services.clinical_trials import parse_studies, parse_study, search
from ipt_evidence.services.faults import ChangedShape

IPT = ("Interpersonal Psychotherapy", "EXPERIMENTAL", "BEHAVIORAL")
STUDIES = [
    registered_study(
        "NCT90000001", "Interpersonal psychotherapy for depression in primary care",
        arms=(IPT, ("Treatment as usual", "NO_INTERVENTION", "")),
    ),
    registered_study(
        "NCT90000002", "IPT against CBT for depression: interpersonal or cognitive?",
        status="NOT_YET_RECRUITING", arms=(IPT, ("CBT", "ACTIVE_COMPARATOR", "BEHAVIORAL")),
    ),
    registered_study(
        "NCT90000003", "Interpersonal psychotherapy or sertraline for depression",
        status="COMPLETED", arms=(IPT, ("Sertraline", "ACTIVE_COMPARATOR", "DRUG")),
    ),
    registered_study(
        "NCT90000004", "Interpersonal psychotherapy for depression, one group",
        arms=(IPT,), allocation="NA",
    ),
    registered_study(
        "NCT90000005", "Intermittent preventive treatment (IPT) of malaria in pregnancy",
        conditions=("Malaria",), arms=(("IPT", "EXPERIMENTAL", "DRUG"),),
    ),
]  # fmt: skip


def test_a_study_is_read_from_the_documented_fields() -> None:
    found = parse_study(STUDIES[0])
    assert found is not None
    assert (found.nct_id, found.status, found.people) == ("NCT90000001", "RECRUITING", 60)
    assert (found.start, found.completion, found.updated) == ("2025-03", "2027-06-30", "2026-01-15")
    assert found.arms == ("Interpersonal Psychotherapy", "Treatment as usual")
    assert found.randomised
    assert not found.has_results


@pytest.mark.parametrize(
    ("arm", "comparisons"),
    [
        (("Waiting list", "NO_INTERVENTION", ""), ("control",)),
        (("Enhanced usual care", "ACTIVE_COMPARATOR", "BEHAVIORAL"), ("control",)),
        (("Placebo pill", "PLACEBO_COMPARATOR", "DRUG"), ("control",)),
        (("Sertraline", "ACTIVE_COMPARATOR", "DRUG"), ("pharmacotherapy",)),
        (("Problem solving", "ACTIVE_COMPARATOR", "BEHAVIORAL"), ("other_psychotherapy",)),
        (("Interpersonal psychotherapy plus sertraline", "EXPERIMENTAL", "DRUG"), ("combined",)),
        (("Something", "OTHER", ""), ()),
    ],
)
def test_the_comparison_is_read_from_the_arms(
    arm: tuple[str, str, str], comparisons: tuple[str, ...]
) -> None:
    found = parse_study(registered_study("NCT90000009", "Interpersonal therapy", arms=(IPT, arm)))
    assert found is not None
    assert found.comparisons == comparisons


def test_what_only_shares_the_letters_is_counted_and_left_out() -> None:
    page = parse_studies(registered_list(STUDIES))
    assert [one.nct_id[-1] for one in page.trials] == ["1", "2", "3", "4"]
    assert page.others == 1


@pytest.mark.parametrize("broken", [None, [], {}, {"protocolSection": []},
                                    {"protocolSection": {"identificationModule": {}}}])  # fmt: skip
def test_a_broken_study_costs_no_other(broken: Any) -> None:
    page = parse_studies({"studies": [broken, STUDIES[0]]})
    assert len(page.unreadable) == len(page.trials) == 1
    with pytest.raises(ChangedShape):
        parse_studies({"studies": {}})


def test_pages_follow_the_token_and_the_day_goes_into_the_filter(
    client: Client, replay: Replay
) -> None:
    def page(asked: Asked) -> Reply:
        first = "pageToken" not in asked.query
        return Reply.of(registered_list(STUDIES[:1] if first else STUDIES[1:2], "x" * first))

    replay.on("/clinical_trials/studies", page)
    one = search(client, "interpersonal", "2024-01-01", "")
    two = search(client, "interpersonal", "2024-01-01", one.cursor)
    assert (one.cursor, two.cursor) == ("x", "")
    assert replay.asked[0].query["filter.advanced"] == (
        "AREA[LastUpdatePostDate]RANGE[2024-01-01,MAX]"
    )
    assert replay.asked[1].query["pageToken"] == "x"


@pytest.fixture
def searched(data_copy: Path, client: Client, replay: Replay) -> EvidenceBase:
    play(replay, [], STUDIES)
    result = update(EvidenceBase.load(data_copy), client)
    assert "New or changed: 4 registered trials of IPT" in result.lines()
    return EvidenceBase.load(data_copy)


def test_an_update_writes_registered_trials_apart_from_candidates(
    searched: EvidenceBase, base: EvidenceBase
) -> None:
    rows = registered(searched).set_index("nct_id")
    assert list(rows.index) == [f"NCT9000000{number}" for number in (1, 2, 3, 4)]
    assert "depression" in rows.loc["NCT90000001", "conditions_all"]
    assert rows.loc["NCT90000002", "comparisons"] == ("other_psychotherapy",)
    assert not (searched.folder / "living" / "candidates.csv").exists()
    assert searched.fingerprint == base.fingerprint
    assert last_search(searched.folder, "clinical-trials-ipt") == "2026-03-01"


def test_the_map_says_how_many_are_under_way(searched: EvidenceBase, base: EvidenceBase) -> None:
    counts = under_way(searched)
    assert counts["depression", "control"] == 1
    assert counts["depression", "other_psychotherapy"] == 1
    assert counts["depression", "pharmacotherapy"] == 0  # completed
    for held, shown in ((searched, True), (base, False)):
        rows = gap_rows(held, coverage(held), columns(held, "comparison"))
        cell = next(
            cell for row in rows for cell in row.cells
            if (cell.condition, cell.comparison) == ("depression", "control")
        )  # fmt: skip
        assert cell.detail.endswith(" · 1 trial under way") is shown
        assert cell.alt.startswith("Depression, ")
        assert ("1 trial under way" in cell.alt) is shown


def test_trials_without_a_report_are_listed_those_under_way_first(searched: EvidenceBase) -> None:
    table = registered_table(searched)
    assert table["Status"].to_list()[-1] == "Completed"
    assert set(table["Status"][:2]) <= {"Recruiting", "Not yet recruiting"}
    assert table["Open"].str.startswith("https://clinicaltrials.gov/study/NCT9").all()
    assert "not clear" in set(table["IPT compared with"])


def test_a_trial_that_changed_is_replaced_and_one_with_a_report_is_not_under_way(
    searched: EvidenceBase, data_copy: Path, client: Client, replay: Replay
) -> None:
    key = searched.references["key"].iloc[0]
    path = data_copy / "integrity.csv"
    lines = path.read_text("utf-8").splitlines()
    header = lines[0].split(",")
    for number, line in enumerate(lines):
        cells = line.split(",")
        if cells[0] == key:
            cells[header.index("registry_ids")] = "NCT90000001"
            lines[number] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    changed = registered_study("NCT90000002", "Interpersonal therapy", status="WITHDRAWN")
    play(replay, [], [STUDIES[0], changed])
    update(EvidenceBase.load(data_copy), client, since="")
    after = EvidenceBase.load(data_copy)
    rows = registered(after).set_index("nct_id")
    assert len(rows) == 4
    assert rows.loc["NCT90000002", "status"] == "WITHDRAWN"
    assert rows.loc["NCT90000001", "reported_in"] == (key,)
    assert sum(under_way(after).values()) == 0


def test_hostile_texts_stay_text(data_copy: Path, client: Client, replay: Replay) -> None:
    title = '=cmd() "interpersonal psychotherapy",\n<script>'
    play(replay, [], [registered_study("NCT90000006", title, people=None)])
    update(EvidenceBase.load(data_copy), client)
    base = EvidenceBase.load(data_copy)
    [row] = registered(base).to_dict("records")
    assert "interpersonal psychotherapy" in row["title"]
    assert "'=cmd()" in registered_path(data_copy).read_text("utf-8")
    assert registered_table(base)["People"].to_list() == ["not reported"]
