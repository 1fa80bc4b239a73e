"""Running a command as a user does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ipt_evidence.cli import main


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    def run(*arguments: object, code: int = 0) -> Any:
        with pytest.raises(SystemExit) as stopped:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert int(stopped.value.code or 0) == code, captured.err
        if code:
            assert captured.out == ""
            return captured.err
        return json.loads(captured.out) if "--json" in arguments else captured.out

    return run
