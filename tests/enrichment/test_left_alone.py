"""A service that refuses everything is left alone after a few questions, once, with what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from clocks import FakeTime
from service import Replay, Reply
from shapes import play
from ten import TEN, TRIALS

from ipt_evidence import EvidenceBase
from ipt_evidence.cli import cli
from ipt_evidence.living import refreshing
from ipt_evidence.living.candidates import flow
from ipt_evidence.living.refreshing import Refresh
from ipt_evidence.living.runs import last_search
from ipt_evidence.living.updating import NOTHING_CHECKED, NOTHING_SEARCHED, Update, enrich, update
from ipt_evidence.services import faults
from ipt_evidence.services.client import GIVE_UP_AFTER, Client
from ipt_evidence.services.settings import SERVICES, Settings


def refuse_everything(replay: Replay, reply: Reply) -> None:
    play(replay, [])
    for prefix in list(replay.routes):
        replay.on(prefix, reply)


@pytest.mark.parametrize(
    ("reply", "name", "remedy"),
    [
        (Reply(b"", 429, "text/plain"), "RateLimited", "Wait an hour or more"),
        (Reply(b"", 503, "text/plain"), "Unavailable", "Try again later"),
        (Reply(b"<p>Log in</p>", content_type="text/html"), "WrongContent", "a proxy may want"),
        (Reply(b"", 302, headers={"Location": "https://example.org/"}), "ForeignRedirect",
         "a proxy may want"),
    ],
)  # fmt: skip
def test_services_that_refuse_everything_are_asked_a_few_times(
    data_copy: Path, client: Client, replay: Replay, reply: Reply, name: str, remedy: str
) -> None:
    refuse_everything(replay, reply)
    result = enrich(EvidenceBase.load(data_copy), client)
    asked = [one for one in result.health.values() if one.asked]
    assert len(asked) == 4
    assert len(replay.asked) <= len(asked) * GIVE_UP_AFTER * client.settings.attempts
    for one in asked:
        assert one.silent
        assert one.reasons[name] >= GIVE_UP_AFTER
        assert one.reasons["LeftAlone"] > 0
        assert remedy in one.left_alone
    lines = result.lines()
    assert lines[0] == NOTHING_CHECKED
    assert result.failed
    for one in asked:
        assert lines.count(one.left_alone) == 1
    assert "run it again later" in lines[-1]


def test_a_pause_that_is_asked_for_is_not_waited_for_again_and_again(
    data_copy: Path, client: Client, replay: Replay, fake_time: FakeTime
) -> None:
    refuse_everything(replay, Reply(b"", 429, "text/plain", {"Retry-After": "60"}))
    enrich(EvidenceBase.load(data_copy), client)
    assert fake_time.clock().now() < 4 * GIVE_UP_AFTER * 4 * 61


def test_one_bad_minute_is_forgiven(client: Client, replay: Replay) -> None:
    bad, good = Reply(b"", 503, "text/plain"), Reply.of({"message": {}})
    replay.on("/crossref", *[bad] * 8, good, *[bad] * 8, good)
    for _ in range(2):
        for number in range(GIVE_UP_AFTER - 1):
            with pytest.raises(faults.Unavailable):
                client.json("crossref", f"works/{len(replay.asked)}", {"n": str(number)})
        assert client.json("crossref", f"works/{len(replay.asked)}", {}) == {"message": {}}
    assert client.health["crossref"].left_alone == ""


def test_single_records_that_are_refused_do_not_stop_a_service_unless_all_are(
    data_copy: Path, client: Client, replay: Replay
) -> None:
    refuse_everything(replay, Reply(b"", 400, "text/plain"))
    result = enrich(EvidenceBase.load(data_copy), client)
    assert all(one.left_alone for one in result.health.values() if one.asked)
    assert len(replay.asked) < 150


@pytest.mark.parametrize("status", [401, 402, 403])
def test_openalex_without_a_key_says_plainly_that_it_wants_one(
    client: Client, replay: Replay, status: int
) -> None:
    replay.on("/openalex", Reply(b"", status, "text/plain"))
    with pytest.raises(faults.Unauthorised, match="without a key since February 2026") as caught:
        client.json("openalex", "works", {})
    assert "openalex.org/settings/api" in str(caught.value)
    assert "IPT_EVIDENCE_OPENALEX_KEY" in client.health["openalex"].left_alone
    with pytest.raises(faults.LeftAlone):
        client.json("openalex", "works", {})
    assert len(replay.asked) == 1


def test_an_allowance_that_is_used_up_without_a_key_says_so_too(
    client: Client, replay: Replay
) -> None:
    replay.on("/openalex", Reply(b"", 429, "text/plain"))
    with pytest.raises(faults.RateLimited, match="set IPT_EVIDENCE_OPENALEX_KEY"):
        client.json("openalex", "works", {})


def test_a_key_that_is_refused_is_named(
    open_client: Callable[..., Client], settings: Settings, replay: Replay
) -> None:
    replay.on("/openalex", Reply(b"", 403, "text/plain"))
    keyed = open_client(replace(settings, keys={"openalex": "wrong"}))
    with pytest.raises(faults.Unauthorised, match="Check IPT_EVIDENCE_OPENALEX_KEY"):
        keyed.json("openalex", "works", {})


def test_a_search_that_nobody_answers_is_a_failure(
    data_copy: Path, client: Client, replay: Replay
) -> None:
    refuse_everything(replay, Reply(b"", 503, "text/plain"))
    result = update(EvidenceBase.load(data_copy), client)
    assert result.failed
    assert result.lines()[0] == NOTHING_SEARCHED
    assert not any("new candidates" in line for line in result.lines())
    assert last_search(data_copy, "pubmed-ipt-trials") == ""
    assert flow(data_copy).runs == 0


def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment in which every service is at a port where nobody listens."""
    for one in SERVICES.values():
        monkeypatch.setenv(one.variable, "http://127.0.0.1:9/none")
    monkeypatch.setenv("IPT_EVIDENCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("ipt_evidence.services.connection.BACKOFF_FACTOR", 0.0)
    monkeypatch.setattr("ipt_evidence.services.connection.JITTER", 0.0)


@pytest.mark.parametrize(("kind", "first"), [("update", NOTHING_SEARCHED),
                                             ("enrich", NOTHING_CHECKED)])  # fmt: skip
def test_a_refresh_offline_ends_as_failed_and_says_what_to_do(
    data_copy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, first: str
) -> None:
    offline(monkeypatch, tmp_path)
    refresh = Refresh()
    assert refresh.start(kind, data_copy)
    refresh.wait(60)
    assert refresh.outcome == "failed"
    assert refresh.lines[0] == first
    assert "Are you online?" in refresh.lines[-1]


def test_refreshes_have_a_limit_an_hour_for_one_reader_and_for_all(
    data_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "_work", lambda *_: Update({}, [], {}))
    refresh = Refresh()

    def begin(reader: str) -> bool:
        begun = refresh.start("update", data_copy, reader=reader)
        refresh.wait(10)
        return begun

    assert [begin("one") for _ in range(refreshing.MOST_OF_ONE + 1)] == [True] * 4 + [False]
    assert "4 times in this hour, 4 of them from this page" in refresh.error
    others = [begin(f"reader {number}") for number in range(refreshing.MOST_AN_HOUR)]
    assert others == [True] * 8 + [False] * 4
    monkeypatch.setattr(refreshing, "HOUR", -1.0)
    assert begin("one")


def test_a_refresh_that_one_service_misses_is_no_success(
    data_copy: Path, settings: Settings, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(replay, [*TRIALS, TEN[0]])
    replay.on("/pubmed/esearch.fcgi", Reply(b"", 500, "text/plain"))
    for name, service in SERVICES.items():
        monkeypatch.setenv(service.variable, settings.url(name))
    monkeypatch.setenv("IPT_EVIDENCE_CACHE", str(settings.folder()))
    monkeypatch.setattr("ipt_evidence.services.connection.BACKOFF_FACTOR", 0.0)
    monkeypatch.setattr("ipt_evidence.services.connection.JITTER", 0.0)
    refresh = Refresh()
    assert refresh.start("update", data_copy)
    refresh.wait(60)
    assert refresh.outcome == "partly"
    assert any("pubmed-ipt-trials is unfinished" in line for line in refresh.lines)


def test_the_command_ends_with_an_error_on_standard_error(
    data_copy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    offline(monkeypatch, tmp_path)
    done = CliRunner().invoke(cli, ["--data", str(data_copy), "update"])
    assert done.exit_code == 1
    assert done.stdout == ""
    assert NOTHING_SEARCHED in done.stderr
    assert "Are you online?" in done.stderr
