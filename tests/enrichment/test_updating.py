"""Searches → candidates: ranked with reasons, decided by people, surviving a kill."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from clocks import TODAY, FakeTime
from service import Asked, Replay, Reply
from shapes import Paper, openalex_list, openalex_work, play
from ten import TEN, TRIALS

from ipt_evidence import EvidenceBase
from ipt_evidence.citations.writers import write_citations
from ipt_evidence.cli import cli
from ipt_evidence.errors import DataError
from ipt_evidence.living import candidates
from ipt_evidence.living.candidates import flow
from ipt_evidence.living.runs import last_search, load_queries, read_lines
from ipt_evidence.living.searches import open_questions, search_entry, searched_table
from ipt_evidence.living.updating import PROGRESS, Update, update
from ipt_evidence.services.client import Client
from ipt_evidence.services.settings import SERVICES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def updated(data_copy: Path, client: Client, replay: Replay) -> Update:
    play(replay, [*TRIALS, TEN[0]])
    return update(EvidenceBase.load(data_copy), client)


def test_new_records_become_candidates_with_a_reason_for_every_point(
    updated: Update, data_copy: Path
) -> None:
    found = {one.doi: one for one in candidates.load(data_copy)}
    trial, review = found["10.5555/new-trial"], found["10.5555/new-review"]
    assert trial.score > review.score
    assert "+30 is indexed as a randomised controlled trial" in trial.points
    assert "-35 is a review or a meta-analysis" in review.points
    assert "perinatal_depression" in trial.conditions.split(";")
    assert trial.decision == ""
    assert set(trial.found_in.split(";")) == {
        "pubmed-ipt-trials", "europe-pmc-ipt-trials", "openalex-ipt-trials", "crossref-ipt-trials"
    }  # fmt: skip
    assert candidates.load(data_copy)[0] == trial  # the likeliest comes first


def test_ipt_of_the_gums_is_ranked_last(updated: Update, data_copy: Path) -> None:
    found = {one.doi: one for one in candidates.load(data_copy)}
    assert found["10.5555/teeth"].score < found["10.5555/new-review"].score + 20
    assert "periodontal" in found["10.5555/teeth"].points


def test_what_the_base_holds_is_no_candidate_and_nothing_enters_it(
    updated: Update, data_copy: Path, base: EvidenceBase
) -> None:
    assert "10.1176/appi.ajp.2010.10101411" not in {one.doi for one in updated.candidates}
    assert updated.counts["in_base"] == 4  # each service found it
    after = EvidenceBase.load(data_copy)
    assert after.fingerprint == base.fingerprint
    counts = updated.counts
    assert counts["found"] == sum(counts[n] for n in ("repeated", "in_base", "known", "new"))


def test_the_second_search_starts_where_the_first_ended(
    updated: Update, data_copy: Path, open_client, settings, replay: Replay, tmp_path: Path
) -> None:
    assert last_search(data_copy, "pubmed-ipt-trials") == "2026-03-01"
    replay.asked.clear()
    again = open_client(replace(settings, cache_folder=tmp_path / "fresh"))
    second = update(EvidenceBase.load(data_copy), again)
    searched = [asked.query for asked in replay.asked if "term" in asked.query]
    assert searched[0]["mindate"] == "2026/03/01"
    assert second.counts["new"] == 0
    assert second.counts["known"] > 0


def test_decisions_need_a_reason_and_outlive_the_next_update(
    updated: Update, data_copy: Path, client: Client
) -> None:
    name = "doi:10.5555/new-review"
    with pytest.raises(DataError, match="needs a reason"):
        candidates.decide(data_copy, name, "exclude", " ", "2026-03-02")
    with pytest.raises(DataError, match="no decision"):
        candidates.decide(data_copy, name, "maybe", "hm", "2026-03-02")
    with pytest.raises(DataError, match="no candidate"):
        candidates.decide(data_copy, "doi:10.1/none", "exclude", "x", "2026-03-02")
    candidates.decide(data_copy, name, "exclude", "Not a trial", "2026-03-02")
    update(EvidenceBase.load(data_copy), client)
    kept = next(one for one in candidates.load(data_copy) if one.candidate_id == name)
    assert (kept.decision, kept.reason, kept.decided_on) == (
        "exclude", "Not a trial", "2026-03-02"
    )  # fmt: skip
    counted = flow(data_copy)
    assert counted.excluded == 1
    assert counted.reasons == (("Not a trial", 1),)
    assert counted.queued == counted.excluded + counted.waiting
    assert dict(counted.databases).keys() <= {"PubMed", "OpenAlex", "Europe PMC", "Crossref"}
    assert sum(number for _, number in counted.databases) == counted.found > 0


def test_decisions_made_in_a_screening_program_come_back(
    updated: Update, data_copy: Path, tmp_path: Path
) -> None:
    waiting = candidates.load(data_copy)
    first, *others = waiting
    candidates.decide(data_copy, first.candidate_id, "include", "A trial", "2026-03-01")
    out = write_citations(candidates.candidates_citations(candidates.load(data_copy)), "ris")
    assert out.count("TY  - ") == len(waiting) and out.count('"=>"Included"') == 1
    # Somebody excludes the others, and one that is no candidate.
    note = 'N1  - RAYYAN-INCLUSION: {"Ann"=>"Excluded"} | RAYYAN-EXCLUSION-REASONS: Not a trial'
    records = [part for part in out.split("\n\n") if part.strip()]
    decided = [r if '"=>"' in r else r.replace("ER  -", f"{note}\nER  -") for r in records]
    alien = f"TY  - JOUR\nTI  - Another work\n{note}\nER  - \n"
    file = tmp_path / "rayyan.ris"
    file.write_text("\n\n".join([*decided, alien]), encoding="utf-8")
    said = (
        CliRunner()
        .invoke(cli, ["update", "--decisions", str(file), "--data", str(data_copy)])
        .output
    )
    assert f"Took over {len(others)} decisions" in said
    assert "1 decided records are no candidates, such as: Another work" in said
    after = {one.candidate_id: one for one in candidates.load(data_copy)}
    kept = after.pop(first.candidate_id)
    assert (kept.decision, kept.reason) == ("include", "A trial")
    assert {(one.decision, one.reason) for one in after.values()} == {("exclude", "Not a trial")}


def test_a_service_that_is_down_leaves_its_search_open(
    data_copy: Path, client: Client, replay: Replay
) -> None:
    play(replay, TRIALS)
    replay.on("/pubmed/esearch.fcgi", Reply(b"", 500, "text/plain"))
    result = update(EvidenceBase.load(data_copy), client)
    assert "pubmed-ipt-trials" in result.unfinished
    assert last_search(data_copy, "pubmed-ipt-trials") == ""
    assert last_search(data_copy, "openalex-ipt-trials") == "2026-03-01"
    assert result.counts["new"] > 0
    assert client.health["pubmed"].failed == 1


def test_hostile_titles_stay_text_in_the_file(
    data_copy: Path, client: Client, replay: Replay
) -> None:
    evil = '=cmd|" /C calc"!A0 interpersonal psychotherapy randomized <script>alert(1)</script>'
    play(replay, [Paper("10.5555/evil", evil, year=2026, pmid="40000009")])
    update(EvidenceBase.load(data_copy), client)
    raw = (data_copy / "living" / "candidates.csv").read_text(encoding="utf-8")
    assert "'=cmd" in raw
    one = candidates.load(data_copy)[0]
    assert one.title.startswith("=cmd")
    assert candidates.load(data_copy) == candidates.save(data_copy, candidates.load(data_copy))


def many_pages(replay: Replay, pages: int, stop_at: int | None = None, on_stop=None) -> None:
    """OpenAlex gives ``pages`` pages of one paper each; the others find nothing."""
    play(replay, [])

    def page(asked: Asked) -> Reply:
        number = 0 if asked.query["cursor"] == "*" else int(asked.query["cursor"])
        if stop_at == number and on_stop is not None:
            on_stop()
        paper = Paper(
            f"10.5555/page{number}",
            f"Interpersonal psychotherapy trial number {number} of {'x' * (number + 1)}",
            (("Author" + "abcdefghij"[number], "A"),), year=2026, openalex=f"W{number}",
        )  # fmt: skip
        after = str(number + 1) if number + 1 < pages else None
        return Reply.of(openalex_list([openalex_work(paper)], after))

    replay.on("/openalex/works", page)


def test_a_stopped_update_goes_on_where_it_was(
    data_copy: Path, open_client, settings, replay: Replay, tmp_path: Path
) -> None:
    many_pages(replay, 5)
    asked_openalex = lambda: [a for a in replay.asked if a.path.startswith("/openalex")]  # noqa: E731
    stopping = open_client(settings, cancelled=lambda: len(asked_openalex()) >= 2)
    first = update(EvidenceBase.load(data_copy), stopping)
    assert first.cancelled
    assert candidates.load(data_copy) == []  # nothing half done
    lines = read_lines(data_copy / "living" / PROGRESS)
    assert sum(len(line["works"]) for line in lines) == 2
    replay.asked.clear()
    fresh = open_client(replace(settings, cache_folder=tmp_path / "fresh"))
    second = update(EvidenceBase.load(data_copy), fresh)
    assert [a.query["cursor"] for a in asked_openalex()] == ["2", "3", "4"]
    assert second.counts["new"] == 5
    assert not (data_copy / "living" / PROGRESS).exists()


def test_kill_minus_nine_in_the_middle_loses_nothing(
    data_copy: Path, open_client, settings, replay: Replay, tmp_path: Path
) -> None:
    running: list[subprocess.Popen] = []

    def kill() -> None:
        if running and running[0].poll() is None:
            os.kill(running[0].pid, signal.SIGKILL)

    many_pages(replay, 4, stop_at=2, on_stop=kill)
    environment = {
        **os.environ,
        **{service.variable: settings.url(name) for name, service in SERVICES.items()},
        "IPT_EVIDENCE_CACHE": str(tmp_path / "killed"),
    }
    command = [sys.executable, "-m", "ipt_evidence", "--data", str(data_copy), "update"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        running.append(process)
    assert process.returncode == -signal.SIGKILL
    progress = data_copy / "living" / PROGRESS
    whole = read_lines(progress)
    assert sum(len(line["works"]) for line in whole) == 2
    with progress.open("a", encoding="utf-8") as file:
        file.write('{"query": "openalex-ipt-trials", "works": [{"serv')  # torn by the kill
    replay.asked.clear()
    second = update(EvidenceBase.load(data_copy), open_client(settings))
    cursors = [a.query["cursor"] for a in replay.asked if a.path.startswith("/openalex")]
    assert cursors == ["2", "3"]
    assert sorted(one.doi for one in second.candidates) == [
        f"10.5555/page{number}" for number in range(4)
    ]


def test_the_command_line_searches_lists_and_decides(
    data_copy: Path, settings, replay: Replay
) -> None:
    play(replay, TRIALS)
    environment = {
        **os.environ,
        **{service.variable: settings.url(name) for name, service in SERVICES.items()},
        "IPT_EVIDENCE_CACHE": str(settings.folder()),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "ipt_evidence", "--data", str(data_copy), *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )

    first = run("update")
    assert first.returncode == 0, first.stderr
    assert "PubMed: 1 asked, 1 answered, 0 empty, 0 failed" in first.stdout
    assert "new candidates" in first.stdout
    listed = run("update", "--list")
    assert "doi:10.5555/new-trial" in listed.stdout
    decided = run(
        "update", "--decide", "doi:10.5555/new-trial", "--as", "include", "--reason", "RCT"
    )
    assert decided.returncode == 0, decided.stderr
    assert flow(data_copy).included == 1
    bad = run("update", "--decide", "doi:10.5555/new-trial", "--as", "include")
    assert bad.returncode == 1
    assert "needs a reason" in bad.stderr


NAMES_IPT = re.compile(r"inter-?personal|\bIPT\b", re.IGNORECASE)


def found_by(title: str, query: str) -> bool:
    """Whether a phrase of ``query`` stands in ``title``, whatever the hyphens; * is any ending."""
    plain = re.sub(r"[^a-z0-9]+", " ", title.lower())
    for phrase in re.findall(r'"([^"]+)"', query):
        words = re.sub(r"[^a-z0-9*]+", " ", phrase.lower())
        if re.search(rf"\b{words.replace('*', '[a-z]*')}\b", plain):
            return True
    return False


@pytest.mark.parametrize("which", ["base", "live_base"])
def test_every_title_of_a_trial_that_names_the_therapy_is_found(
    which: str, request: pytest.FixtureRequest
) -> None:
    """Titles that do not name it can be found by their abstracts alone, which are not here."""
    held: EvidenceBase = request.getfixturevalue(which)
    queries = [one.query for one in load_queries(held.folder) if '"' in one.query]
    assert len(queries) >= 3
    reports = {
        key
        for row in held.studies.to_dict("records")
        for key in row["references"]
        if row["ipt_variant"] != "not_ipt"
    }
    titles = [
        row["title"]
        for row in held.references.to_dict("records")
        if row["key"] in reports and isinstance(row["title"], str)
    ]
    named = [title for title in titles if NAMES_IPT.search(title)]
    assert len(named) > 50
    for query in queries:
        missed = [title for title in named if not found_by(title, query)]
        assert missed == [], query


@pytest.mark.parametrize(
    "title",
    [
        "Interpersonal therapy for depressed adolescents (IPT-A)",
        "A trial of IPT-B for women", "IPT-AST in schools", "IPT-G in Uganda",
        "IPT-PPD after birth", "IPT versus CBT",
        "Interpersonal Psychotherapeutic treatment", "Interpersonal counseling in primary care",
        "Interpersonal-psychotherapy-oriented programme", "Interpersonal and social rhythm therapy",
    ],
)  # fmt: skip
def test_usual_spellings_are_found(base: EvidenceBase, title: str) -> None:
    queries = [one for one in load_queries(base.folder) if '"' in one.query]
    assert [one.id for one in queries if not found_by(title, one.query)] == []


def test_a_search_may_look_from_another_day(
    data_copy: Path, client: Client, replay: Replay
) -> None:
    play(replay, [])
    base = EvidenceBase.load(data_copy)
    update(base, client, since="1990-05-01")
    searched = [asked.query for asked in replay.asked if "term" in asked.query]
    assert searched[0]["mindate"] == "1990/05/01"
    assert last_search(data_copy, "pubmed-ipt-trials") == "2026-03-01"
    replay.asked.clear()
    update(base, client, since="")
    searched = [asked.query for asked in replay.asked if "term" in asked.query]
    assert "mindate" not in searched[0]


def test_a_clock_that_was_wrong_hides_no_later_record(
    data_copy: Path, open_client, settings, replay: Replay, tmp_path: Path
) -> None:
    """2040 is no day to go on from when it is 2026 again; 1970 is before every search."""
    play(replay, [])
    base = EvidenceBase.load(data_copy)

    def on(day: date) -> Client:
        clock = replace(FakeTime().clock(), today=lambda: day)
        fresh = replace(settings, cache_folder=tmp_path / day.isoformat())
        return open_client(fresh, clock=clock)

    update(base, on(date(2026, 2, 1)))
    update(base, on(date(2040, 1, 1)))
    replay.asked.clear()
    update(base, on(TODAY))
    searched = [asked.query for asked in replay.asked if "term" in asked.query]
    assert searched[0]["mindate"] == "2026/02/01"
    with pytest.raises(DataError, match="The clock of this computer says 1970-01-01"):
        update(base, on(date(1970, 1, 1)))
    assert last_search(data_copy, "pubmed-ipt-trials", by="2039-12-31") == TODAY.isoformat()


def test_a_question_nobody_searched_is_closed_by_a_search_of_all_years(
    data_copy: Path, client: Client, replay: Replay
) -> None:
    play(replay, TRIALS)
    base = EvidenceBase.load(data_copy)
    still_open = open_questions(base)
    assert still_open
    with pytest.raises(DataError, match="never looked through all years"):
        search_entry(base)
    update(base, client, since="")
    with pytest.raises(DataError, match="decision is missing on 3 candidates"):
        search_entry(base)
    for one in candidates.load(data_copy):
        candidates.decide(data_copy, one.candidate_id, "exclude", "Screened", "2026-03-02")
    path = data_copy / "sources.toml"
    path.write_text(path.read_text("utf-8") + "\n" + search_entry(base), "utf-8")
    after = EvidenceBase.load(data_copy)
    assert open_questions(after) == {}
    table = searched_table(after)
    assert len(table) == len(base.taxonomy.top_level) * len(base.taxonomy.comparisons)
    assert not table["Looked for"].str.startswith("not searched").any()
    with pytest.raises(DataError, match="No question is open"):
        search_entry(after)


def test_a_day_that_is_none_is_refused(data_copy: Path) -> None:
    done = CliRunner().invoke(cli, ["--data", str(data_copy), "update", "--since", "last year"])
    assert done.exit_code == 2
    assert "'last year' is no date. Write one like 2010-01-01, or all" in done.stderr


def test_openalex_searches_titles_and_abstracts(
    data_copy: Path, client: Client, replay: Replay
) -> None:
    play(replay, [])
    update(EvidenceBase.load(data_copy), client)
    [asked] = [one for one in replay.asked if one.path.startswith("/openalex")]
    assert "interpersonal psychotherapy" in asked.query["search.title_and_abstract"]
    assert asked.query["filter"] == "from_publication_date:2024-01-01"


def test_the_search_strings_are_documented_in_the_data(base: EvidenceBase) -> None:
    queries = load_queries(base.folder)
    assert {query.service for query in queries} == set(SERVICES) - {"unpaywall"}
    for query in queries:
        assert "interpersonal" in query.query.lower()
        assert query.note


def test_a_broken_file_says_which_and_what_to_do(data_copy: Path) -> None:
    path = data_copy / "living" / "candidates.csv"
    path.parent.mkdir()
    path.write_text("candidate_id,score\nx,1\n", encoding="utf-8")
    with pytest.raises(DataError, match="no column title"):
        candidates.load(data_copy)


def test_time_is_never_waited_for_in_these_tests(fake_time: FakeTime) -> None:
    clock = fake_time.clock()
    clock.sleep(3600)
    assert clock.now() == 3600
