"""A wrong token, a CRM that is down, another account: one sentence, and nothing is lost."""

import socket
from typing import Any

import pytest

ATTENTION, TRY_AGAIN, IN_PART = 3, 4, 5
KINDS = ("salesforce", "hubspot")


def wrong(access: dict[str, str]) -> dict[str, str]:
    """The same credentials with another secret."""
    if "access_token" in access:
        return {"access_token": "pat-na1-00000000"}
    return {**access, "client_id": "3MVG9nobody"}


@pytest.fixture
def nowhere() -> str:
    """An address where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def signs_in(crms: Any, credentials_of: Any) -> dict[str, Any]:
    return {kind: credentials_of(crms, kind) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_token_connects_nothing(terminal: Any, signs_in: Any, kind: str) -> None:
    url, access = signs_in[kind]
    said = terminal.connect(kind, url, wrong(access))
    assert (said.code, len(said.err.splitlines())) == (ATTENTION, 1)
    assert terminal("pull", "--connection", kind, "--json").code == ATTENTION


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_token_leaves_the_connection_that_was_there(
    terminal: Any, signs_in: Any, kind: str
) -> None:
    url, access = signs_in[kind]
    assert terminal.connect(kind, url, access).code == 0
    assert terminal.connect(kind, url, wrong(access)).code == ATTENTION
    assert terminal("pull", "--connection", kind).code == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_crm_that_cannot_be_reached_is_tried_again(
    terminal: Any, signs_in: Any, nowhere: str, kind: str
) -> None:
    _, access = signs_in[kind]
    said = terminal.connect(kind, nowhere, access)
    assert (said.code, len(said.err.splitlines())) == (TRY_AGAIN, 1)


def test_one_crm_that_is_down_does_not_keep_the_other_from_being_read(
    connected: Any, crms: Any
) -> None:
    crms.post("/__faults", {"kind": "refuse", "face": "hubspot", "times": 10_000})
    try:
        said = connected("pull", "--json")
        seen = connected("doctor", "--json")
    finally:
        crms.clear_faults()
    assert said.code == IN_PART, said.out
    blocked = {one["connection"] for one in seen.data["findings"] if one["level"] == "blocked"}
    assert blocked == {"hubspot"}
    assert connected("pull").code == 0


def test_nothing_that_signs_us_in_is_printed_or_kept_in_plain(
    connected: Any, signs_in: Any
) -> None:
    printed = "".join(connected(*one).out for one in (("doctor",), ("pull", "--json")))
    kept = (connected.folder / "var" / "crm_loop.db").read_bytes()
    for _, access in signs_in.values():
        secret = access.get("access_token") or access["private_key"]
        assert secret not in printed
        assert secret.encode() not in kept
