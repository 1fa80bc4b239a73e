"""Debian's Firefox, driven by WebDriver BiDi: its own protocol, with no driver in between.

Playwright drives only a Firefox that it has patched and downloads itself.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from browsing import PATIENCE, free_port, wait_until_answered
from urllib3.exceptions import HTTPError
from websockets.sync.client import ClientConnection, connect

__all__ = ["Firefox", "started"]

_SECONDS = PATIENCE / 1000
_PREFERENCES = {
    "browser.download.folderList": 2,
    "browser.download.alwaysOpenPanel": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


class Firefox:
    """One tab: what is asked of it, and what it has said in its console."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._asked = 0
        self._arrived: list[Path] = []
        self.errors: list[str] = []
        self.ask("session.new", capabilities={"alwaysMatch": {}})
        self.ask("session.subscribe", events=["log.entryAdded", "browsingContext.downloadEnd"])
        self.tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": parameters}))
        while (said := self._listen()).get("id") != self._asked:
            pass
        assert said["type"] == "success", said
        return dict(said["result"])

    def _listen(self) -> dict[str, Any]:
        """The next answer or event; what matters of events is kept."""
        said: dict[str, Any] = json.loads(self._socket.recv(timeout=_SECONDS))
        told = said.get("params", {})
        if said.get("method") == "log.entryAdded" and told["level"] == "error":
            self.errors.append(str(told["text"]))
        if said.get("method") == "browsingContext.downloadEnd":
            assert told["status"] == "complete", told
            self._arrived.append(Path(told["filepath"]))
        return said

    def open(self, address: str) -> None:
        self.ask("browsingContext.navigate", context=self.tab, url=address, wait="complete")

    def evaluate(self, function: str, *arguments: str) -> Any:
        """What a function of JavaScript gives, by way of JSON."""
        given = ", ".join(json.dumps(one) for one in arguments)
        found = self.ask(
            "script.evaluate",
            expression=f"(async () => JSON.stringify((await ({function})({given})) ?? null))()",
            target={"context": self.tab},
            awaitPromise=True,
        )
        assert found["type"] == "success", found
        return json.loads(found["result"]["value"])

    def wait_for(self, function: str, *arguments: str) -> Any:
        """What the function gives as soon as that is something; the browser itself looks for it."""
        look = f"""() => new Promise((done) => {{
          const look = (...given) => {{
            const found = ({function})(...given);
            if (found) done(found); else setTimeout(look, 30, ...given);
          }};
          look({", ".join(json.dumps(one) for one in arguments)});
        }})"""
        return self.evaluate(look)

    def downloaded(self) -> Path:
        """The next file that arrives."""
        while not self._arrived:
            self._listen()
        return self._arrived.pop(0)

    def click(self, find: str) -> None:
        """Press the left button over the element that a function of JavaScript finds."""
        x, y = self.wait_for(
            f"""() => {{
              const one = ({find})();
              if (!one) return null;
              one.scrollIntoView({{ block: 'center', behavior: 'instant' }});
              const box = one.getBoundingClientRect();
              return box.width ? [box.x + box.width / 2, box.y + box.height / 2] : null;
            }}"""
        )
        steps = [
            {"type": "pointerMove", "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        pointer = {"type": "pointer", "id": "mouse", "actions": steps}
        self.ask("input.performActions", context=self.tab, actions=[pointer])


@contextmanager
def started(program: str, folder: Path) -> Iterator[Firefox]:
    """Firefox with a profile of its own in ``folder``; what it downloads arrives there as well."""
    wanted = _PREFERENCES | {"browser.download.dir": str(folder)}
    lines = [
        f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in wanted.items()
    ]
    profile = folder / "profile"
    profile.mkdir()
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
    port = free_port()
    command = [program, "--headless", "--no-remote", "--profile", str(profile)]
    with subprocess.Popen(
        [*command, "--remote-debugging-port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            with suppress(HTTPError):  # it has begun to listen, whatever it says to this
                wait_until_answered(f"http://127.0.0.1:{port}/")
            with connect(f"ws://127.0.0.1:{port}/session", max_size=None) as socket:
                yield Firefox(socket)
        finally:
            process.terminate()
