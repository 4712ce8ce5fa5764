"""Hosts that may be talked to, and tricks that must not work."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_socket import SocketConnectBlockedError

from crm_loop.errors import NeedsAttention
from crm_loop.outbound import check_url, is_local_path, on_loopback
from crm_loop_hubspot.transport import HOSTS as HUBSPOT
from crm_loop_salesforce.hosts import EXAMPLE
from crm_loop_salesforce.hosts import LOGIN as SALESFORCE_LOGIN
from crm_loop_salesforce.hosts import ORG as SALESFORCE

HOSTILE = [
    "http://acme.my.salesforce.com",
    "https://my.salesforce.com",
    "https://salesforce.com",
    "https://acme.my.salesforce.com.evil.example",
    "https://evil.example/acme.my.salesforce.com",
    "https://evil.example#acme.my.salesforce.com",
    "https://evil.example?acme.my.salesforce.com",
    "https://acme.my.salesforce.com@evil.example",
    "https://user:pass@acme.my.salesforce.com",
    "https://acme.my.salesforce.com:8443",
    "https://acme.my.salesforce.com:port",
    "https://acme.my.salesforce.com\\@evil.example",
    "https://acme.my.salesforce.com /",
    "https://acme.my.salesforce.com\n.evil.example",
    "https://acme.my.salesforce.com\t",
    "https://аcme.my.salesforce.com",
    "https://acme。my.salesforce.com",
    "https://-acme.my.salesforce.com",
    "https://acme..my.salesforce.com",
    "https://acme.force.com",
    "https://acme.my.site.com",
    "https://acme.lightning.force.com",
    "https://x.y.my.salesforce.com",
    "https://127.0.0.1",
    "https://[::1]",
    "https://localhost",
    "http://169.254.169.254/latest",
    "https://0x7f000001",
    "ftp://acme.my.salesforce.com",
    "javascript:alert(1)",
    "//acme.my.salesforce.com",
    "acme.my.salesforce.com",
    "",
    "https://",
    "https://[acme.my.salesforce.com",
    "https://acme.my.salesforce.com/services/../..",
    "https://api.hubapi.com",
    "https://acme.my.salesforce.com%2f@evil.example",
    "https://acme.my.salesforce.com%00.evil.example",
    "https://acme.my.salesforce.com;evil.example",
    "https://acme.my.salesforce.com&@evil.example",
    "https://acme.my.salesforce.com:443@evil.example",
    "https://acme.my.salesforce.com:80",
    "https://[::ffff:169.254.169.254]",
    "https://2130706433",
    "https://acme.my.salesforce.com.",
    "file:///etc/passwd",
    "gopher://acme.my.salesforce.com",
    "https://ａcme.my.salesforce.com",
]


def test_there_are_enough_tricks() -> None:
    assert len(set(HOSTILE)) >= 40


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused(url: str) -> None:
    with pytest.raises(NeedsAttention):
        check_url(url, SALESFORCE)


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("https://acme.my.salesforce.com", SALESFORCE),
        ("https://acme.my.salesforce.com:443/", SALESFORCE),
        ("https://ACME--uat.sandbox.my.salesforce.com", SALESFORCE),
        ("https://login.salesforce.com", SALESFORCE_LOGIN),
        ("https://api.hubapi.com/", HUBSPOT),
    ],
)
def test_an_address_of_the_crm_is_taken(url: str, hosts: tuple[str, ...]) -> None:
    assert check_url(url, hosts).startswith("https://")


def test_the_sandbox_is_taken_only_where_it_is_allowed() -> None:
    assert check_url("http://127.0.0.1:8700/", HUBSPOT, allow_loopback=True) == (
        "http://127.0.0.1:8700"
    )
    with pytest.raises(NeedsAttention):
        check_url("http://127.0.0.1:8700", HUBSPOT)
    with pytest.raises(NeedsAttention):
        check_url("http://10.0.0.1", HUBSPOT, allow_loopback=True)


def test_whoever_typed_a_wrong_address_sees_one_as_it_should_be() -> None:
    with pytest.raises(NeedsAttention) as refused:
        check_url("https://salesforce.com", SALESFORCE_LOGIN, example=EXAMPLE)
    assert refused.value.do == f"Use the account's own address, for example {EXAMPLE}."
    assert check_url(EXAMPLE, SALESFORCE) == EXAMPLE


def test_the_sandbox_needs_a_switch_and_the_refusal_says_which() -> None:
    with pytest.raises(NeedsAttention, match="CRM_LOOP_ALLOW_LOOPBACK_CRM=1"):
        check_url("http://localhost:8700", SALESFORCE)


def test_what_is_on_this_machine_is_told_from_what_only_looks_so() -> None:
    assert on_loopback("http://127.0.0.1:8700")
    assert not on_loopback("https://127.0.0.1.evil.example")


def test_tests_reach_no_other_machine() -> None:
    with socket.socket() as line, pytest.raises((SocketConnectBlockedError, UserWarning)):
        line.connect(("192.0.2.1", 443))


@given(st.text(max_size=60))
def test_no_text_around_a_good_host_leads_elsewhere(text: str) -> None:
    try:
        taken = check_url(f"https://{text}api.hubapi.com", HUBSPOT)
    except NeedsAttention:
        return
    assert taken == "https://api.hubapi.com"


@pytest.mark.parametrize(
    "path",
    ["https://evil.example/services/data/", "//evil.example", "/services/data/../x", "/other"],
)
def test_a_paging_link_that_leaves_its_place_is_not_followed(path: str) -> None:
    assert not is_local_path(path, "/services/data/")
