"""The ten references, run against replies in the services' shape, come out completed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from clocks import FakeTime
from service import Replay, Reply, serving
from shapes import Paper, play
from ten import AROUND, TEN

from ipt_evidence import EvidenceBase, Question, estimate, select
from ipt_evidence.citations.loading import load_citations
from ipt_evidence.citations.writers import write_citations
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.integrity import status_of
from ipt_evidence.living import corrections
from ipt_evidence.living.corrections import sentences_of
from ipt_evidence.living.links import load_links, needed
from ipt_evidence.living.panel import integrity_line, linked_table
from ipt_evidence.living.runs import as_of
from ipt_evidence.living.updating import Enrichment, enrich
from ipt_evidence.services.client import Client
from ipt_evidence.services.settings import LOOKED_UP, SERVICES, Settings


@pytest.fixture(scope="module")
def run_folder(base: EvidenceBase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the base, enriched once for the tests that only look."""
    return Path(shutil.copytree(base.folder, tmp_path_factory.mktemp("run") / "data"))


@pytest.fixture(scope="module")
def enriched(run_folder: Path) -> Iterator[Enrichment]:
    clock = FakeTime().clock()
    with serving() as replay:
        play(replay, [*TEN, *AROUND])
        urls = {name: f"{replay.url}/{name}" for name in SERVICES}
        settings = Settings(urls=urls, cache_folder=run_folder.parent / "cache")
        with Client(settings, clock=clock) as client:
            yield enrich(EvidenceBase.load(run_folder), client, citing=True)


def found_for(result: Enrichment, key: str) -> dict[str, corrections.Correction]:
    return {one.field: one for one in result.corrections if one.key == key}


def test_the_ten_records_are_completed_or_it_is_said_why_not(
    enriched: Enrichment, run_folder: Path
) -> None:
    base = EvidenceBase.load(run_folder)
    records = corrections.applied(base.references, corrections.load(run_folder))
    full = ("title", "year", "container_title", "pages", "doi")
    for audited in base.audit.references:
        row = records.loc[records["key"] == audited.key].iloc[0]
        assert row[list(full)].notna().all(), audited.key
        assert len(row["authors"]) > 0
    assert found_for(enriched, "bian2023")["volume"].theirs == "320"
    assert found_for(enriched, "defigueiredo2016")["volume"].theirs == "46"
    assert found_for(enriched, "forrest2023")["title"].source == "crossref"
    # the others of the base are unknown to this server, and each says so
    assert enriched.result.missing["agras2000"] == "no service knows it"
    assert set(base.references["key"]) <= {*enriched.result.works, *enriched.result.missing}


def test_each_filled_field_has_its_source_and_date(enriched: Enrichment) -> None:
    filled = found_for(enriched, "bian2023")["volume"]
    assert (filled.kind, filled.ours) == ("missing", "")
    assert (filled.source, filled.date) == ("crossref", "2026-03-01")
    assert filled.also == "openalex;pubmed;europe_pmc"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (3, {"volume": "91", "issue": "10", "pages": "562-573"}),
        (4, {"volume": "11"}),
        (5, {"volume": "99", "pages": "1-9"}),
        (7, {"pages": "323"}),
        (8, {"type": "incollection", "pages": "459-469"}),
        (10, {"issue": "3"}),
    ],
)
def test_the_audits_citation_errors_come_out_by_machine(
    enriched: Enrichment, number: int, expected: dict[str, str]
) -> None:
    found = {f: one.theirs for f, one in found_for(enriched, f"article:{number}").items()}
    assert expected.items() <= found.items()


@pytest.mark.parametrize("number", [1, 2, 6, 9])
def test_what_the_audit_found_without_error_stays_without(
    enriched: Enrichment, number: int
) -> None:
    assert found_for(enriched, f"article:{number}") == {}


def test_a_difference_reads_as_a_sentence(enriched: Enrichment) -> None:
    pages = found_for(enriched, "article:7")["pages"]
    assert sentences_of([pages]) == ["The article gives pages 1-7; Crossref has 323."]
    kind = found_for(enriched, "article:8")["type"]
    assert "a chapter of a book" in sentences_of([kind])[0]


def test_an_erratum_is_found_and_a_clean_record_is_clean(
    enriched: Enrichment, run_folder: Path
) -> None:
    integrity = EvidenceBase.load(run_folder).integrity
    teeth = status_of(integrity, "daiuto2018")
    assert teeth["status"] == "corrected"
    assert teeth["checked"] == "2026-03-01"
    assert "correction:10.5555/erratum" in teeth["notices"]
    assert teeth["asked_of"] == ("crossref", "openalex", "pubmed", "europe_pmc")
    assert status_of(integrity, "cuijpers2011")["status"] == "no_notice"
    assert status_of(integrity, "agras2000")["status"] == "unknown"


def test_curated_files_are_not_touched(
    enriched: Enrichment, run_folder: Path, base: EvidenceBase
) -> None:
    for name in ("references.bib", "claims.toml", "studies.csv", "article_references.txt"):
        assert (run_folder / name).read_bytes() == (base.folder / name).read_bytes()


def test_a_correction_changes_nothing_until_it_is_accepted(
    data_copy: Path, client: Client, replay: Replay
) -> None:
    other = Paper(**{**TEN[0].__dict__, "volume": "169"})
    play(replay, [other])
    base = EvidenceBase.load(data_copy)
    enrich(base, client)
    disagreement = next(
        one for one in corrections.load(data_copy)
        if one.key == "cuijpers2011" and one.field == "volume"
    )  # fmt: skip
    assert (disagreement.ours, disagreement.theirs) == ("168", "169")

    def volume() -> str:
        table = corrections.applied(base.references, corrections.load(data_copy))
        return str(table.loc[table["key"] == "cuijpers2011", "volume"].iloc[0])

    assert volume() == "168"
    corrections.decide(data_copy, disagreement.correction_id, "accepted")
    assert volume() == "169"
    enrich(base, client)  # the decision outlives the next run
    assert volume() == "169"
    corrections.decide(data_copy, disagreement.correction_id, "declined")
    assert volume() == "168"
    with pytest.raises(DataError, match="no correction"):
        corrections.decide(data_copy, "ffffffff", "accepted")


def test_completed_records_survive_being_written_and_read(
    enriched: Enrichment, run_folder: Path, tmp_path: Path
) -> None:
    base = EvidenceBase.load(run_folder)
    records = corrections.applied(base.references, corrections.load(run_folder))
    path = tmp_path / "out.bib"
    path.write_text(write_citations(records.drop(columns="completed"), "bibtex"), encoding="utf-8")
    again = load_citations([path])
    assert len(again.rejected) == 0
    forrest = again.citations.set_index("key").loc["forrest2023"]
    assert forrest["doi"] == "10.5555/forrest"
    assert forrest["authors"][0]["family"] == "Forrest"


def first_pooled(base: EvidenceBase) -> tuple[str, str]:
    """A study behind the depression estimate, and the key of its report with a DOI."""
    dois = base.references.set_index("key")["doi"]
    used = select(base, Question("depression", "control")).effects
    for study_id, keys in zip(used["study_id"], used["references"], strict=True):
        for key in keys:
            if isinstance(dois.get(key), str):
                return study_id, key
    raise AssertionError("no pooled study has a DOI")


@pytest.mark.parametrize("through", ["crossref", "reverse", "pubmed", "openalex"])
def test_a_retraction_is_found_whoever_tells_and_leaves_the_pool_at_once(
    data_copy: Path, client: Client, replay: Replay, through: str
) -> None:
    base = EvidenceBase.load(data_copy)
    study, key = first_pooled(base)
    record = base.reference(key)
    assert record is not None
    paper = Paper(str(record["doi"]), str(record["title"]), year=int(record["year"]),
                  authors=((record["authors"][0]["family"], "A"),), pmid="39999999")  # fmt: skip
    papers = [paper]
    if through == "crossref":
        paper.notices = (("retraction", "10.5555/notice"),)
    elif through == "reverse":
        papers.append(
            Paper("10.5555/notice", "Retraction notice", updates=(("retraction", paper.doi),))
        )
    elif through == "pubmed":
        paper.pubmed_types = ("Journal Article", "Retracted Publication")
    else:
        paper.retracted = True
    play(replay, papers)
    enrich(base, client)
    after = EvidenceBase.load(data_copy)
    assert status_of(after.integrity, key)["status"] == "retracted"
    assert "retracted" in after.study(study)["flags"]
    whole = estimate(after, Question("depression", "control"))
    without = estimate(after, Question("depression", "control", without_flags=("retracted",)))
    assert without.k == whole.k - 1
    left_out = without.selection.left_out.set_index("study_id")["reason"]
    assert left_out.loc[[study]].iloc[0] == "Carries a warning"


def test_a_dead_service_never_makes_a_record_clean(
    data_copy: Path, client: Client, replay: Replay
) -> None:
    for name in ("crossref", "openalex", "pubmed", "europe_pmc"):
        replay.on(f"/{name}", Reply(b"", 503, "text/plain"))
    result = enrich(EvidenceBase.load(data_copy), client)
    rows = result.integrity.loc[~result.integrity["reference"].str.startswith("invented")]
    assert set(rows["status"]) == {"not_checked"}
    assert rows["checked"].isna().all()
    for one in (client.health[name] for name in LOOKED_UP):
        assert one.failed == one.asked > 0
        assert "failed (Unavailable" in one.line()


def test_one_dead_service_is_named_beside_the_answers_of_the_others(
    data_copy: Path, client: Client, replay: Replay
) -> None:
    play(replay, TEN)
    replay.on("/crossref/works", Reply(b"", 400, "text/plain"))
    enrich(EvidenceBase.load(data_copy), client)
    row = status_of(EvidenceBase.load(data_copy).integrity, "bian2023")
    assert row["status"] == "no_notice"
    assert row["asked_of"] == ("openalex", "pubmed", "europe_pmc")
    assert row["no_answer"] == ("crossref",)
    unknown = status_of(EvidenceBase.load(data_copy).integrity, "agras2000")
    assert unknown["status"] == "not_checked"  # not "unknown": Crossref was not heard


def test_a_later_failure_does_not_wipe_out_an_earlier_check(
    data_copy: Path, open_client: Callable[..., Client], settings: Settings, replay: Replay,
    tmp_path: Path,
) -> None:  # fmt: skip
    play(replay, TEN)
    enrich(EvidenceBase.load(data_copy), open_client(settings))
    for name in ("crossref", "openalex", "pubmed", "europe_pmc"):
        replay.on(f"/{name}", Reply(b"", 500, "text/plain"))
    for path in ("/crossref/works", "/openalex/works", "/pubmed/esearch.fcgi",
                 "/pubmed/efetch.fcgi", "/europe_pmc/search"):  # fmt: skip
        replay.on(path, Reply(b"", 500, "text/plain"))
    fresh = replace(settings, cache_folder=tmp_path / "empty")
    enrich(EvidenceBase.load(data_copy), open_client(fresh))
    row = status_of(EvidenceBase.load(data_copy).integrity, "daiuto2018")
    assert (row["status"], row["checked"]) == ("corrected", "2026-03-01")
    assert any(one.key == "bian2023" for one in corrections.load(data_copy))


def test_what_several_papers_cite_is_suggested_with_the_reason(
    enriched: Enrichment, run_folder: Path
) -> None:
    base, links = EvidenceBase.load(run_folder), load_links(run_folder)
    assert links.date == "2026-03-01"
    assert links.outside["W900"].title == "A treatment manual that everybody cites"
    assert "W901" not in links.outside  # cited once: no suggestion
    assert "W1" not in links.outside  # ours
    assert links.citing["W902"] == ("W1", "W2", "W6")
    assert needed(base, links, "other") == []


def test_the_log_knows_when_each_service_last_answered(
    enriched: Enrichment, run_folder: Path
) -> None:
    dates = {one.service: one for one in as_of(run_folder, ("crossref", "pubmed"))}
    assert dates["crossref"].date == "2026-03-01"
    assert dates["crossref"].asked == (
        dates["crossref"].answered + dates["crossref"].empty + dates["crossref"].failed
    )


def test_a_second_run_asks_nothing_that_was_answered(
    data_copy: Path, open_client: Callable[..., Client], settings: Settings, replay: Replay
) -> None:
    play(replay, TEN)
    enrich(EvidenceBase.load(data_copy), open_client(settings))
    replay.asked.clear()
    second = open_client(settings)
    enrich(EvidenceBase.load(data_copy), second)
    assert [asked for asked in replay.asked if "doi:" in str(asked.query)] == []


def test_references_that_were_never_checked_say_so(base: EvidenceBase) -> None:
    assert status_of(base.integrity, "agras2000")["status"] == "not_checked"
    assert set(base.integrity["reference"]) == set(base.references["key"])
    assert status_of(base.integrity, "somebody2030")["status"] == "not_checked"


def test_a_base_without_the_table_is_a_base_that_nobody_checked(data_copy: Path) -> None:
    (data_copy / "integrity.csv").unlink()
    base = EvidenceBase.load(data_copy)
    assert len(base.integrity) == 0
    assert status_of(base.integrity, "cuijpers2011")["status"] == "not_checked"


def test_a_stopped_run_keeps_what_it_has(
    data_copy: Path, open_client: Callable[..., Client], settings: Settings, replay: Replay
) -> None:
    play(replay, TEN)
    client = open_client(settings, cancelled=lambda: len(replay.asked) >= 2)
    result = enrich(EvidenceBase.load(data_copy), client)
    assert result.cancelled
    assert result.result.works  # what Crossref answered before
    assert len(replay.asked) == 2
    log = (data_copy / "living" / "runs.jsonl").read_text(encoding="utf-8")
    assert json.loads(log)["cancelled"] is True


def test_the_badge_names_the_notice_and_linked_reports_stand_together(
    enriched: Enrichment, run_folder: Path
) -> None:
    base = EvidenceBase.load(run_folder)
    line = integrity_line(status_of(base.integrity, "daiuto2018"))
    assert line.startswith("Corrected since (2026-03-01; Crossref")
    assert "notice 10.5555/erratum" in line
    assert integrity_line(status_of(base.integrity, "nobody")) == "Not checked for retraction"
    rows = base.integrity.copy()
    both = rows["reference"].isin(["sockol2018", "makino2020"])
    rows.loc[both, "registry_ids"] = pd.Series([("NCT01234567",)] * 2, index=rows.index[both])
    linked = linked_table(replace(base, integrity=rows))
    assert linked.to_dict("records") == [
        {"Registration": "NCT01234567", "Reports": "Sockol 2018, Makino 2020"}
    ]
