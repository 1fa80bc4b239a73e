"""One file from an address: over https, from a host that is known, and no larger than it may be.

For open databases that are handed out as archives. Redirects are followed among the known hosts
only, so that no address leads the program into a network that the reader did not mean.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests

from ipt_evidence.services import faults
from ipt_evidence.services.connection import BoundedAdapter, Clock, PatientRetry, RateLimiter

__all__ = ["HOSTS_VARIABLE", "allowed_hosts", "download"]

HOSTS = (
    "github.com",
    "codeload.github.com",
    "raw.githubusercontent.com",
    "zenodo.org",
    "www.metapsy.org",
    "data.metapsy.org",
)
HOSTS_VARIABLE = "IPT_EVIDENCE_DOWNLOAD_HOSTS"
"""Environment variable: further hosts, separated by commas, for a mirror of one's own."""

MAX_BYTES = 64 * 1024 * 1024
MAX_REDIRECTS = 5
TIMEOUT = 20.0  # seconds to connect, and between two pieces
DEADLINE = 180.0
ATTEMPTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)


def allowed_hosts() -> tuple[str, ...]:
    """Hosts that files may come from: ours, and those that the environment adds."""
    added = os.environ.get(HOSTS_VARIABLE, "").split(",")
    return (*HOSTS, *(host.strip().lower() for host in added if host.strip()))


def download(
    url: str,
    target: Path,
    *,
    hosts: Collection[str] | None = None,
    schemes: Collection[str] = ("https",),
    max_bytes: int = MAX_BYTES,
    clock: Clock | None = None,
) -> Path:
    """Save the file at ``url`` as ``target`` and return its path.

    Parameters
    ----------
    url
        Address of the file.
    target
        Where it is saved; written only when the whole file has arrived.
    hosts, schemes
        What an address may start with, also after redirects; `allowed_hosts` and https.
    max_bytes
        Largest file that is taken, packed or unpacked.

    Raises
    ------
    ServiceError
        The address is not allowed, leads elsewhere, or does not give the file.
    """
    known = allowed_hosts() if hosts is None else tuple(hosts)
    with _session(clock or Clock(), tuple(schemes), max_bytes) as session:
        for _ in range(MAX_REDIRECTS + 1):
            _check(url, known, schemes)
            response = _response(session, url)
            if response.status_code not in _REDIRECTS:
                break
            url = urljoin(url, response.headers.get("Location", ""))
        else:
            raise faults.Refused(f"{url} redirects in circles")
    host = urlsplit(url).hostname
    if response.status_code == 404:
        raise faults.NotFound(f"{host} does not know {url} (HTTP 404). Is the address complete?")
    if response.status_code != 200:
        raise faults.Refused(f"{host} does not hand out {url} (HTTP {response.status_code})")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/html":
        raise faults.WrongContent(
            f"{url} is a page, not a file. Use the address of the download itself, such as "
            "https://github.com/OWNER/NAME/archive/refs/heads/main.zip"
        )
    target.write_bytes(response.content)
    return target


def _check(url: str, hosts: Collection[str], schemes: Collection[str]) -> None:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme not in schemes:
        raise faults.Refused(f"{url} is not fetched: only {' and '.join(schemes)} addresses are")
    if host not in hosts or parts.username or parts.password:
        raise faults.ForeignRedirect(
            f"{host or 'no host'} is not one of the hosts that files are fetched from "
            f"({', '.join(hosts)}). Download the file yourself and name it, or add the host in "
            f"{HOSTS_VARIABLE}"
        )


def _session(clock: Clock, schemes: Collection[str], max_bytes: int) -> requests.Session:
    session = requests.Session()
    retry = PatientRetry.build(
        ATTEMPTS, clock=clock, longest=30.0, service="the server", counted=lambda: None
    )
    adapter = BoundedAdapter(
        retry,
        label="The server",
        max_bytes=max_bytes,
        deadline=DEADLINE,
        clock=clock,
        limiter=RateLimiter(10.0, clock),
    )
    for scheme in schemes:
        session.mount(f"{scheme}://", adapter)
    session.headers["User-Agent"] = "ipt-evidence/0.1"
    session.headers["Accept-Encoding"] = "gzip"
    return session


def _response(session: requests.Session, url: str) -> requests.Response:
    host = urlsplit(url).netloc
    try:
        return session.get(url, timeout=TIMEOUT, allow_redirects=False)
    except requests.Timeout as error:
        raise faults.TimedOut(f"{host} did not answer in time") from error
    except (requests.RequestException, OSError) as error:
        raise faults.Unreachable(f"{host} cannot be reached. Are you online?") from error
