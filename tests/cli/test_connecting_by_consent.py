"""`crm-loop connect --consent` prints where an admin goes on in a browser."""

import json
from pathlib import Path
from typing import Any

import pytest

APP = {"client_id": "ours", "client_secret": "canary"}


def consent(terminal: Any, kind: str, app: dict[str, str], *more: str) -> Any:
    file = Path(terminal.folder) / "app.json"
    file.write_text(json.dumps(app), encoding="utf-8")
    return terminal("connect", "eu", "--kind", kind, "--url", "https://api.hubapi.com",
                    "--credentials", str(file), "--consent", *more)  # fmt: skip


def test_it_prints_the_link_and_the_redirect_url_and_no_secret(terminal: Any) -> None:
    said = consent(terminal, "hubspot", APP, "--json")
    assert said.code == 0, said.err
    page = "http://127.0.0.1:8710/connections/consent/hubspot"
    assert said.data["redirect"] == f"{page}/return"
    assert said.data["open"].startswith(f"{page}?prepared=")
    assert "canary" not in said.out
    assert said.data["redirect"] in consent(terminal, "hubspot", APP, "--lang", "ja").out


@pytest.mark.parametrize(
    ("kind", "app", "sentence"),
    [
        ("salesforce", APP, "許可の画面がありません"),
        ("hubspot", {"client_id": "ours"}, "client_idとclient_secret"),
    ],
)
def test_it_says_what_is_missing(
    terminal: Any, kind: str, app: dict[str, str], sentence: str
) -> None:
    said = consent(terminal, kind, app, "--lang", "ja")
    assert said.code != 0
    assert sentence in said.err
