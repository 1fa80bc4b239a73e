"""The REST interface: what R, Python and a browser get, and what they are refused."""

from __future__ import annotations

import csv
import io
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn
from starlette.applications import Starlette

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.analyses.registry import ANALYSES
from ipt_evidence.api import routes
from ipt_evidence.api.answers import RESOURCES
from ipt_evidence.evidence.view import VIEW_WORDS, View


class Client:
    """Asks a real server on this machine."""

    def __init__(self, root: str) -> None:
        self._root = root

    def ask(self, method: str, path: str, **settings: Any) -> requests.Response:
        return requests.request(method, self._root + path, timeout=30, **settings)

    def get(self, path: str, **settings: Any) -> requests.Response:
        return self.ask("get", path, **settings)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        config = uvicorn.Config(Starlette(routes=routes()), log_level="error")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        listening.listen()  # from here on connections wait until the server takes them
        thread.start()
        yield Client(f"http://127.0.0.1:{port}")
        server.should_exit = True
        thread.join()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_effects_of_a_condition_as_csv(client: Client, base: EvidenceBase) -> None:
    found = rows(client.get("/api/v1/effects.csv?condition=anxiety").text)
    joined = base.joined
    expected = joined.loc[["anxiety" in cell for cell in joined["conditions_all"]]]
    assert [row["effect_id"] for row in found] == list(expected["effect_id"])
    assert len(found) > 10
    numbers = [float(row["yi"]) for row in found if row["yi"] != "NA"]
    assert numbers == list(expected["yi"].dropna())


def test_comparison_narrows_and_both_together(client: Client) -> None:
    anxiety = rows(client.get("/api/v1/effects.csv?condition=anxiety").text)
    both = rows(client.get("/api/v1/effects.csv?condition=anxiety&comparison=control").text)
    assert both == [row for row in anxiety if row["comparison"] == "control"] and both


def test_json_and_csv_hold_the_same_rows(client: Client) -> None:
    for name in ("studies", "effects", "pooled", "coverage"):
        table = rows(client.get(f"/api/v1/{name}.csv").text)
        document = client.get(f"/api/v1/{name}.json").json()
        assert len(document["rows"]) == len(table) > 20
        assert list(document["rows"][0]) == list(table[0])
        # Missing is null in JSON and NA in CSV, never an empty text or zero.
        for shown, row in zip(document["rows"], table, strict=True):
            assert [value is None for value in shown.values()] == [
                cell == "NA" for cell in row.values()
            ]


def test_the_estimate_is_the_one_on_the_page(client: Client, base: EvidenceBase) -> None:
    document = client.get("/api/v1/estimate.json?condition=postpartum&method=PM&rho=0.3").json()
    assert document["pooled"]["method"] == "PM" and document["positive_favours"] == "IPT"
    plain = client.get("/api/v1/estimate.json?condition=depression").json()
    answer = estimate(base, Question("depression", "control"))
    assert plain["pooled"]["estimate"] == answer.pooled.estimate
    assert plain["k"] == answer.k and plain["data_version"] == base.version


def test_trials_of_a_view_can_be_pooled_elsewhere(client: Client, base: EvidenceBase) -> None:
    answer = estimate(base, Question("depression", "control", excluded=("bolton2003",)))
    found = rows(client.get("/api/v1/trials.csv?condition=depression&excluded=bolton2003").text)
    assert [float(row["yi"]) for row in found] == list(answer.trials["yi"])


def test_a_panel_is_the_one_on_the_page(client: Client, base: EvidenceBase) -> None:
    view = View(Question("depression", "control", age_groups=("adults",)))
    panel = ANALYSES["funnel"].panel(base, view, layers=("egger", "filled"))
    asked = "?condition=depression&age=adults&layers=egger&layers=filled"
    document = client.get(f"/api/v1/panels/funnel.json{asked}").json()
    assert document["sentences"] == list(panel.sentences) and document["drawn"] is True
    assert document["text_alternative"] == panel.text_alternative
    assert document["how_to_read"] == panel.how_to_read
    assert document["view"] == {"condition": ["depression"], "comparison": ["control"],
                                "age": ["adults"]}  # fmt: skip
    assert document["options"] == {"layers": ["egger", "filled"]}
    table = rows(client.get(f"/api/v1/panels/funnel.csv{asked}").text)
    assert table == document["table"] == panel.table.to_dict("records")
    usual = client.get("/api/v1/panels/funnel.json?condition=depression&age=adults").json()
    assert len(usual["table"]) < len(table) and usual["options"] == {"layers": []}


def test_options_of_a_panel_are_described(client: Client) -> None:
    for form in ("json", "csv"):
        path = f"/api/v1/panels/funnel.{form}"
        words = client.get("/api/v1/openapi.json").json()["paths"][path]["get"]["parameters"]
        assert [word["name"] for word in words] == [*VIEW_WORDS, "layers"]
        assert words[-1]["schema"]["items"]["enum"] == ["egger", "filled"]


def test_nothing_to_pool_is_an_answer(client: Client) -> None:
    document = client.get("/api/v1/estimate.json?condition=anorexia&comparison=prevention").json()
    assert document["k"] == 0 and document["pooled"] is None


def test_the_audit_holds_ten_references(client: Client) -> None:
    assert len(client.get("/api/v1/audit.json").json()["references"]) == 10


def test_an_etag_saves_the_second_download(client: Client) -> None:
    first = client.get("/api/v1/studies.csv")
    tag = first.headers["etag"]
    for header in (tag, f'"other", W/{tag}', "*"):
        again = client.get("/api/v1/studies.csv", headers={"If-None-Match": header})
        assert again.status_code == 304 and not again.content
    assert client.get("/api/v1/studies.json").headers["etag"] != tag
    assert client.get("/api/v1/studies.csv", headers={"If-None-Match": '"x"'}).status_code == 200


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/api/v1/effects.csv?condition=nope", 400, "condition=nope"),
        ("/api/v1/effects.csv?conditoin=anxiety", 400, "conditoin"),
        ("/api/v1/estimate.json", 400, "Name a condition"),
        ("/api/v1/estimate.json?condition=depression&rho=2", 400, "rho=2"),
        ("/api/v1/estimate.csv?condition=depression", 404, "/api/v1/effects"),
        ("/api/v1/secrets.json", 404, "/api/v1/effects"),
        ("/api/v1/panels/nope.json?condition=depression", 404, "/api/v1/panels/funnel"),
        ("/api/v1/panels/funnel.json", 400, "Name a condition"),
        ("/api/v1/panels/funnel.json?condition=depression&layers=x", 400, "any of egger, filled"),
        (
            "/api/v1/panels/funnel.csv?condition=depression&age=x",
            400,
            "age takes one of adolescents",
        ),
        ("/api/v1/trials.csv?condition=depression&double=yes", 400, "double takes 1"),
        ("/api/v1/panels/funnel.json?condition=depression&lyers=egger", 400, "It takes layers"),
        (f"/api/v1/trials.csv?condition={'x' * 9_000}", 414, "more than 8,000 characters"),
        (f"/api/v1/trials.csv?condition={'x' * 201}", 400, "more than 200 characters"),
        (f"/api/v1/trials.csv?{'condition=a&' * 201}", 400, "201 values; up to 200"),
    ],
)
def test_what_is_not_understood_is_refused_in_words(
    client: Client, address: str, status: int, words: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == status and words in answer.json()["error"]


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_it_is_read_only(client: Client, method: str) -> None:
    answer = client.ask(method, "/api/v1/effects.csv")
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers  # other sites may only read


def test_who_asks_while_all_places_are_taken_is_told_to_come_back(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = sys.modules["ipt_evidence.api.routes"]
    monkeypatch.setattr(api, "PATIENCE", 0.05)
    places = [api._computing.acquire(timeout=5) for _ in range(api.AT_ONCE)]
    try:
        answer = client.get("/api/v1/coverage.json")
    finally:
        for _ in places:
            api._computing.release()
    assert all(places)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert client.get("/api/v1/coverage.json").status_code == 200


def test_the_description_names_every_address(client: Client) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path in document["paths"]:
        of_a_view = any(name in path for name in ("estimate", "trials", "panels/"))
        asked = "?condition=depression" if of_a_view else ""
        assert client.get(path + asked).status_code == 200, path
    named = (path.removeprefix("/api/v1/").split(".")[0] for path in document["paths"])
    assert set(named) == {resource.name for resource in RESOURCES}
    words = document["paths"]["/api/v1/effects.csv"]["get"]["parameters"][0]
    assert words["name"] == "condition" and "anxiety" in words["schema"]["items"]["enum"]


def test_a_spreadsheet_runs_nothing_of_a_hostile_base(
    client: Client, data_copy, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    path = data_copy / "studies.csv"
    text = path.read_text(encoding="utf-8").replace("Agras 2000", "=HYPERLINK(1)", 1)
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("IPT_EVIDENCE_DATA", str(data_copy))
    assert any(row["label"] == "'=HYPERLINK(1)" for row in
               rows(client.get("/api/v1/studies.csv").text))  # fmt: skip


def test_a_broken_base_is_said_to_be_broken(
    client: Client, data_copy, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    (data_copy / "taxonomy.toml").write_text("[", encoding="utf-8")
    monkeypatch.setenv("IPT_EVIDENCE_DATA", str(data_copy))
    answer = client.get("/api/v1/studies.csv")
    assert answer.status_code == 503 and "taxonomy.toml" in answer.json()["error"]


def test_r_reads_the_csv(client: Client, tmp_path: Path, rscript: str) -> None:
    place = tmp_path / "effects.csv"
    place.write_bytes(client.get("/api/v1/effects.csv?condition=depression").content)
    done = subprocess.run(
        [rscript, "-e", f'd <- read.csv("{place}"); cat(is.numeric(d$yi), nrow(d))'],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == f"TRUE {len(rows(place.read_text(encoding='utf-8')))}"


def test_every_answer_is_json_that_any_program_reads(client: Client) -> None:
    for resource in RESOURCES:
        asked = "?condition=depression" if "condition" in resource.words else ""
        text = client.get(f"/api/v1/{resource.name}.json{asked}").text
        json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
