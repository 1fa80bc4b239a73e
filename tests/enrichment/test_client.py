"""The client against a server that misbehaves in every way that we could think of."""

from __future__ import annotations

import gzip
import socket
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from service import Replay, Reply, serving

from ipt_evidence.errors import ServiceError
from ipt_evidence.services import faults
from ipt_evidence.services.client import Client
from ipt_evidence.services.connection import Clock
from ipt_evidence.services.settings import SERVICES, Settings

GOOD = Reply.of({"message": "hello"})


def ask(client: Client, service: str = "crossref", **params: str) -> dict:
    return client.json(service, "works", params)


def test_a_good_reply_comes_through_compressed_or_not(client: Client, replay: Replay) -> None:
    replay.on("/crossref/works", GOOD)
    replay.on("/openalex/works", GOOD.zipped())
    assert ask(client) == {"message": "hello"}
    assert ask(client, "openalex") == {"message": "hello"}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, faults.Refused),
        (401, faults.Unauthorised),
        (403, faults.Unauthorised),
        (404, faults.NotFound),
        (429, faults.RateLimited),
        (500, faults.Unavailable),
        (503, faults.Unavailable),
    ],
)
def test_every_status_has_a_name(
    client: Client, replay: Replay, status: int, error: type[ServiceError]
) -> None:
    replay.on("/crossref", Reply(b"no", status, "text/plain"))
    with pytest.raises(error) as raised:
        ask(client)
    assert type(raised.value) is error
    assert "Crossref" in str(raised.value)


def test_a_service_in_trouble_is_asked_again_with_growing_pauses(
    client: Client, replay: Replay, fake_time
) -> None:
    trouble = Reply(b"", 503, "text/plain")
    replay.on("/crossref", trouble, trouble, trouble, GOOD)
    assert ask(client) == {"message": "hello"}
    assert len(replay.asked) == 4
    assert client.health["crossref"].retried == 3
    # urllib3 waits 0, 1, 2 seconds by this factor, plus up to half a second of jitter
    assert len(fake_time.waits) >= 2
    assert fake_time.waits[-1] > fake_time.waits[0]
    assert 2.0 <= fake_time.waits[-1] <= 2.5


def test_it_gives_up_after_the_attempts_that_are_set(
    open_client: Callable[..., Client], settings: Settings, replay: Replay
) -> None:
    replay.on("/crossref", Reply(b"", 500, "text/plain"))
    with pytest.raises(faults.Unavailable):
        ask(open_client(replace(settings, attempts=2)))
    assert len(replay.asked) == 2


def test_retry_after_in_seconds_and_as_a_date_is_waited_for(
    client: Client, replay: Replay, fake_time
) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    replay.on(
        "/crossref",
        Reply(b"", 429, "text/plain", {"Retry-After": "17"}),
        Reply(b"", 429, "text/plain", {"Retry-After": later}),
        GOOD,
    )
    assert ask(client) == {"message": "hello"}
    assert fake_time.waits[0] == 17
    assert 50 <= fake_time.waits[1] <= 60


def test_a_retry_after_of_a_day_is_not_waited_for(
    client: Client, replay: Replay, fake_time
) -> None:
    replay.on("/crossref", Reply(b"", 429, "text/plain", {"Retry-After": "86400"}))
    with pytest.raises(faults.RateLimited, match="86,400 seconds"):
        ask(client)
    assert sum(fake_time.waits) < 1
    assert len(replay.asked) == 1


def test_a_retry_after_that_is_nonsense_is_as_if_it_were_not_there(
    client: Client, replay: Replay
) -> None:
    replay.on("/crossref", Reply(b"", 503, "text/plain", {"Retry-After": "soon"}), GOOD)
    assert ask(client) == {"message": "hello"}


def test_a_slow_drip_is_given_up(open_client, settings: Settings, replay: Replay) -> None:
    ticks = iter(range(10_000))
    impatient = Clock(now=lambda: float(next(ticks)), sleep=lambda _: None)
    replay.on("/crossref", Reply(b"[" + b" " * 500 + b"]", drip=True))
    with pytest.raises(faults.TimedOut, match="too slowly"):
        ask(open_client(replace(settings, deadline=0.5), clock=impatient))


def test_a_server_that_says_nothing_is_given_up(open_client, settings: Settings) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        mute = replace(settings, urls={"crossref": url}, timeout=0.05, attempts=1)
        with pytest.raises(faults.TimedOut):
            ask(open_client(mute))


def test_nobody_at_the_other_end(open_client, settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"  # bound, and nobody listens
        with pytest.raises(faults.Unreachable, match="Are you online"):
            ask(open_client(replace(settings, urls={"crossref": url})))


def test_a_cut_connection_is_tried_once_more_and_then_named(client: Client, replay: Replay) -> None:
    cut = Reply(b'{"message": "hello"}', cut_after=7)
    replay.on("/crossref", cut, GOOD)
    assert ask(client) == {"message": "hello"}
    replay.on("/openalex", cut)
    with pytest.raises(faults.CutOff):
        ask(client, "openalex")
    assert client.health["openalex"].retried == 1


CUT = gzip.compress(b'{"message": "' + bytes(range(65, 90)) * 400 + b'"}')[:-30]
"""A compressed answer that breaks off."""


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(b'{"message": {"items": ['), faults.Unreadable),
        (Reply(b""), faults.Unreadable),
        (Reply(b'"a text"'), faults.ChangedShape),
        (Reply(b"[]"), faults.ChangedShape),
        (Reply(b"[" * 200_000), faults.Unreadable),
        (Reply(b'{"title": "\xff\xfe"}'), faults.Unreadable),
        (Reply(b"{}", headers={"Content-Encoding": "gzip"}), faults.Unreadable),
        (Reply(CUT, headers={"Content-Encoding": "gzip"}), faults.Unreadable),
        (Reply(b"<html>Welcome to the hotel</html>", 200, "text/html"), faults.WrongContent),
        (Reply(b"{}", 200, "image/png"), faults.WrongContent),
        (Reply(b"{}", 200, ""), faults.WrongContent),
    ],
)
def test_what_is_no_answer_is_never_taken_for_one(
    client: Client, replay: Replay, reply: Reply, error: type[ServiceError]
) -> None:
    replay.on("/crossref", reply)
    with pytest.raises(error):
        ask(client)
    # nor kept: asked again, the server is asked again
    replay.on("/crossref", GOOD)
    assert ask(client) == {"message": "hello"}


def test_ten_megabytes_are_refused_before_they_are_read(client: Client, replay: Replay) -> None:
    replay.on("/crossref", Reply(b" " * 10_000_000))
    with pytest.raises(faults.TooLarge):
        ask(client)


def test_a_length_that_lies_is_found_out_while_reading(
    open_client, settings: Settings, replay: Replay
) -> None:
    replay.on("/crossref", Reply(gzip.compress(b" " * 3_000_000), headers={
        "Content-Encoding": "gzip"}))  # fmt: skip
    with pytest.raises(faults.TooLarge):
        ask(open_client(replace(settings, max_bytes=2 * 1024 * 1024)))


def test_a_gzip_bomb_costs_no_memory(client: Client, replay: Replay) -> None:
    bomb = gzip.compress(b"\0" * 300_000_000)  # 300 MB in 300 KB
    replay.on("/crossref", Reply(bomb, headers={"Content-Encoding": "gzip"}))
    tracemalloc.start()
    with pytest.raises(faults.TooLarge):
        ask(client)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40_000_000


def test_a_redirect_to_another_host_is_refused_and_never_asked(
    open_client, settings: Settings, replay: Replay
) -> None:
    with serving() as foreign:
        foreign.on("/", GOOD)
        away = foreign.url.replace("127.0.0.1", "localhost")
        for target in (f"{away}/works", f"{foreign.url}/works", "http://10.0.0.1/", "file:///x"):
            replay.on("/crossref", Reply(b"", 302, "text/plain", {"Location": target}))
            with pytest.raises(faults.ForeignRedirect):
                ask(open_client(settings))
        assert foreign.asked == []


def test_a_redirect_on_the_same_host_is_followed_and_circles_are_not(
    client: Client, replay: Replay
) -> None:
    replay.on("/crossref/works", Reply(b"", 301, "text/plain", {"Location": "/crossref/moved"}))
    replay.on("/crossref/moved", GOOD)
    assert ask(client) == {"message": "hello"}
    replay.on("/crossref/works", Reply(b"", 301, "text/plain", {"Location": "/crossref/works"}))
    with pytest.raises(faults.Refused, match="circles"):
        ask(client, again="1")


def test_replies_are_kept_and_asked_again_only_if_they_changed(
    open_client, settings: Settings, replay: Replay
) -> None:
    replay.on("/crossref", Reply.of({"message": "kept"}, headers={"ETag": '"1"'}))
    first = open_client(settings)
    ask(first)
    ask(first)
    assert len(replay.asked) == 1
    assert first.health["crossref"].from_cache == 1
    first.close()
    expired = open_client(replace(settings, cache_days=0.0))
    replay.on("/crossref", Reply.of({"message": "kept"}, headers={"ETag": '"1"'}))
    ask(expired)
    later = open_client(replace(settings, cache_days=1e-9))
    assert ask(later) == {"message": "kept"}


def test_an_expired_reply_is_revalidated_with_its_tag(
    open_client, settings: Settings, replay: Replay
) -> None:
    replay.on("/crossref", Reply.of({"message": "kept"}, headers={"ETag": '"1"'}))
    hasty = open_client(replace(settings, cache_days=1e-12))
    assert ask(hasty) == {"message": "kept"}
    assert ask(hasty) == {"message": "kept"}
    assert replay.asked[-1].headers.get("if-none-match") == '"1"'


def test_nobody_is_named_unless_a_contact_is_set(
    open_client, settings: Settings, replay: Replay, tmp_path
) -> None:
    for name in SERVICES:
        replay.on(f"/{name}", GOOD)
        ask(open_client(settings), name)
    for asked in replay.asked:
        assert "@" not in asked.headers["user-agent"] + str(asked.query)
        assert asked.query == {}
    replay.asked.clear()
    named = replace(settings, contact="me@example.org", cache_folder=tmp_path / "other")
    for name in SERVICES:
        ask(open_client(named), name)
    assert all("mailto:me@example.org" in a.headers["user-agent"] for a in replay.asked)
    assert replay.asked[2].query == {"tool": "ipt-evidence", "email": "me@example.org"}


def test_keys_go_to_their_own_service_alone_and_not_into_the_cache(
    open_client, settings: Settings, replay: Replay
) -> None:
    secret = "s3cr3t-key"  # noqa: S105  made up
    keyed = replace(settings, keys={"openalex": secret, "pubmed": secret, "crossref": secret})
    for name in SERVICES:
        replay.on(f"/{name}", GOOD)
    client = open_client(keyed)
    for name in SERVICES:
        ask(client, name)
    crossref, openalex, pubmed, *others = replay.asked
    assert crossref.headers["crossref-plus-api-token"] == f"Bearer {secret}"
    assert openalex.query == pubmed.query == {"api_key": secret}
    assert len(others) == len(SERVICES) - 3
    assert secret not in str(others)
    client.close()
    kept = (settings.folder() / "replies.sqlite").read_bytes()
    assert secret.encode() not in kept
    assert secret not in repr(keyed)


def test_questions_keep_the_documented_distance(
    open_client, settings: Settings, replay: Replay, fake_time
) -> None:
    replay.on("/pubmed", GOOD)
    client = open_client(settings)
    for number in range(4):
        ask(client, "pubmed", number=str(number))
    assert fake_time.seconds == pytest.approx(3 / SERVICES["pubmed"].rate)
    before = fake_time.seconds
    ask(client, "pubmed", number="0")  # from the cache: nobody waits for what is on disk
    assert fake_time.seconds == before


def test_a_service_that_announces_a_lower_limit_is_asked_more_slowly(
    open_client, settings: Settings, replay: Replay, fake_time
) -> None:
    slow = {"X-Rate-Limit-Limit": "1", "X-Rate-Limit-Interval": "4s"}
    replay.on("/europe_pmc", Reply.of({}, headers=slow))
    client = open_client(settings)
    for number in range(3):
        ask(client, "europe_pmc", number=str(number))
    assert fake_time.waits[-1] == pytest.approx(4.0)


def test_a_reader_who_stops_is_obeyed_before_the_next_question(
    open_client, settings: Settings, replay: Replay
) -> None:
    replay.on("/crossref", GOOD)
    stopped = False
    client = open_client(settings, cancelled=lambda: stopped)
    ask(client)
    stopped = True
    with pytest.raises(faults.Cancelled):
        ask(client, other="1")
    assert len(replay.asked) == 1


@pytest.mark.parametrize(
    "environment",
    [
        {"IPT_EVIDENCE_CROSSREF_URL": "ftp://example.org"},
        {"IPT_EVIDENCE_OPENALEX_URL": "file:///etc/passwd"},
        {"IPT_EVIDENCE_PUBMED_URL": "https://user:pass@example.org"},
        {"IPT_EVIDENCE_CONTACT": "me at home"},
        {"IPT_EVIDENCE_CONTACT": "a@b.c\r\nX-Other: 1"},
        {"IPT_EVIDENCE_CACHE_DAYS": "soon"},
    ],
)
def test_settings_that_cannot_be_used_say_which_and_why(environment: dict[str, str]) -> None:
    with pytest.raises(ServiceError, match=next(iter(environment))):
        Settings.from_environment(environment)


def test_settings_come_from_the_environment() -> None:
    found = Settings.from_environment(
        {
            "IPT_EVIDENCE_CROSSREF_URL": "http://proxy.example/crossref/",
            "IPT_EVIDENCE_OPENALEX_KEY": "k",
            "IPT_EVIDENCE_CONTACT": "me@example.org",
            "IPT_EVIDENCE_CACHE_DAYS": "7",
        }
    )
    assert found.url("crossref") == "http://proxy.example/crossref"
    assert found.url("pubmed") == SERVICES["pubmed"].url
    assert found.rate("crossref") == 3.0
    assert found.cache_days == 7
