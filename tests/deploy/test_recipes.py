"""The recipes in `deploy/` fit the program: settings that exist, files that are there, one cookie.

`tests/deploy/chroot.py` follows the Dockerfile for good, `python -m benchmarks replicas` the nginx
recipe; both take minutes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ipt_evidence.dashboard.monitoring import LOG_VARIABLE, METRICS_VARIABLE
from ipt_evidence.errors import EvidenceError
from ipt_evidence.exchange.citation import PUBLIC_VARIABLE
from ipt_evidence.limits import LIMITS, limit
from ipt_evidence.living.refreshing import REFRESH_VARIABLE
from ipt_evidence.services.settings import VARIABLES

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
RECIPES = ("Dockerfile", "compose.yaml", "ipt-evidence@.service", "kubernetes.yaml")
KNOWN = {LOG_VARIABLE, METRICS_VARIABLE, PUBLIC_VARIABLE, REFRESH_VARIABLE, *VARIABLES, *LIMITS}


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", RECIPES)
def test_nobody_can_start_a_search_on_a_public_server(name: str) -> None:
    pattern = rf"""{REFRESH_VARIABLE}(?:=|: |, value: )"?(\w+)"?"""
    assert set(re.findall(pattern, text(name))) == {"off"}


def test_limits_are_settings_with_safe_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    hosting = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
    for name, (default, _) in LIMITS.items():
        monkeypatch.delenv(name, raising=False)
        assert limit(name) == default
        monkeypatch.setenv(name, "7")
        assert limit(name) == 7
        for wrong in ("0", "-1", "many", "2.5", "1001", "9" * 5000, "²"):
            monkeypatch.setenv(name, wrong)
            with pytest.raises(EvidenceError, match=f"{name} is .*whole number from 1 to 1000"):
                limit(name)
        assert re.search(rf"`{name}` \| {default} \|", hosting)


@pytest.mark.parametrize("name", RECIPES)
def test_settings_exist(name: str) -> None:
    assert set(re.findall(r"IPT_EVIDENCE_[A-Z_]+", text(name))) <= KNOWN


def test_the_dockerfile_copies_what_is_there_and_what_is_let_through() -> None:
    copied = {
        source
        for line in text("Dockerfile").splitlines()
        if line.startswith("COPY ")
        for source in line.split()[1:-1]
    }
    assert all((ROOT / name).exists() for name in copied)
    let_through = {line[1:] for line in text("Dockerfile.dockerignore").split() if line[0] == "!"}
    assert copied == let_through


def test_the_image_is_unprivileged_and_says_whether_it_is_well() -> None:
    lines = text("Dockerfile").splitlines()
    user = lines.index("USER explorer")
    start = next(number for number, line in enumerate(lines) if line.startswith("CMD "))
    check = next(line for line in lines if line.startswith("HEALTHCHECK "))
    assert user < start
    assert "/healthz" in check


def test_compose_keeps_each_copy_read_only_and_without_rights() -> None:
    services: dict[str, Any] = yaml.safe_load(text("compose.yaml"))["services"]
    copies = [service for name, service in services.items() if name.startswith("explorer")]
    assert len(copies) == 3
    for copy in copies:
        assert copy["read_only"] is True
        assert copy["cap_drop"] == ["ALL"]
        assert "ports" not in copy  # only the proxy can be reached
    named = services["caddy"]["environment"]["EXPLORER_COPIES"].split()
    assert named == [f"{name}:8501" for name in services if name.startswith("explorer")]


def test_kubernetes_asks_both_health_checks_and_takes_all_rights_away() -> None:
    documents = list(yaml.safe_load_all(text("kubernetes.yaml")))
    assert [one["kind"] for one in documents] == ["Deployment", "Service", "Ingress"]
    pod = documents[0]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert container["readinessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/_stcore/health"
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert f"uid {pod['securityContext']['runAsUser']}" in text("Dockerfile")


def test_every_proxy_brings_a_reader_back_to_the_same_copy_and_hides_the_metrics() -> None:
    for name in ("nginx.conf", "Caddyfile", "kubernetes.yaml"):
        assert "ipt_copy" in text(name)
        assert "/metrics" in text(name)


def test_nginx_passes_websockets_and_uploads() -> None:
    nginx = text("nginx.conf")
    assert "proxy_set_header Upgrade $http_upgrade;" in nginx
    assert "proxy_set_header Host $http_host;" in nginx
    megabytes = int(re.findall(r"client_max_body_size (\d+)m;", nginx)[0])
    settings = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert megabytes > int(re.findall(r"maxUploadSize = (\d+)", settings)[0])
