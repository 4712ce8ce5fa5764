"""The white paper names everybody that a process of ours may call; nobody else can be."""

import json
import re
from pathlib import Path

import pytest

from crm_loop.settings import Settings
from crm_loop_hubspot.transport import HOSTS
from crm_loop_salesforce.hosts import LOGIN

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
#: Settings that name somebody who may be elsewhere; `public_url` is our own address.
NAMED = {name for name in Settings.model_fields if name.endswith(("_url", "_issuer", "_command"))}
OUTWARDS = NAMED - {"public_url"} | {"key_provider", "rewriter", "letters_to_reps"}

#: Whoever can open a connection, and the file that does it. A new one belongs into the white paper.
CALLERS = {
    "connectors/hubspot/crm_loop_hubspot/wire.py": "HubSpot",
    "connectors/salesforce/crm_loop_salesforce/auth.py": "Salesforce",
    "connectors/salesforce/crm_loop_salesforce/downloads.py": "Salesforce",
    "connectors/salesforce/crm_loop_salesforce/errors.py": "nobody: names of what went wrong",
    "connectors/salesforce/crm_loop_salesforce/package/deploy.py": "Salesforce",
    "connectors/salesforce/crm_loop_salesforce/sessions.py": "Salesforce",
    "connectors/salesforce/crm_loop_salesforce/transport.py": "Salesforce",
    "src/crm_loop/access/oidc.py": "the identity provider",
    "src/crm_loop/digest/sending.py": "the mail server",
    "src/crm_loop/tracing.py": "the collector",
    "workers/crm_loop_workers/broker.py": "the broker",
    "workers/crm_loop_workers/embedded.py": "a broker of its own, on this machine",
    "workers/crm_loop_workers/demo/sandbox.py": "the sandbox of the demonstration",
}
OPENS = re.compile(
    r"(?:^|= )\s*(?:import (?:requests|smtplib|redis|httpx|aiohttp|http\.client|urllib\.request)\b"
    r"|from (?:hubspot|httpx|aiohttp|http\.client|urllib\.request|authlib\.integrations\.\w+"
    r"|simple_salesforce\.api) import|import_module\(\"opentelemetry\.exporter)",
    re.MULTILINE,
)


def section(language: str) -> str:
    title = "社外に出る通信" if language else "What leaves your network"
    text = (DOCS / f"security{language}.md").read_text("utf-8")
    (found,) = [one for one in re.split(r"^## ", text, flags=re.MULTILINE) if one.startswith(title)]
    return found


def test_nothing_else_opens_a_connection() -> None:
    connectors = [f"connectors/{one}/crm_loop_{one}" for one in ("salesforce", "hubspot")]
    folders = ("src/crm_loop", "workers/crm_loop_workers", *connectors)
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    found = {str(one.relative_to(ROOT)) for one in files if OPENS.search(one.read_text("utf-8"))}
    assert found == CALLERS.keys()


@pytest.mark.parametrize("language", ["", ".ja"])
def test_every_setting_that_sends_something_away_is_named_and_no_other(language: str) -> None:
    said = set(re.findall(r"CRM_LOOP_([A-Z_]+)", section(language)))
    assert said == {name.upper() for name in OUTWARDS}


@pytest.mark.parametrize("language", ["", ".ja"])
def test_every_host_of_a_crm_is_named_and_no_other(language: str) -> None:
    said = set(re.findall(r"`([a-z*][a-z0-9.*-]+\.com)`", section(language)))
    for pattern in (*LOGIN, *HOSTS):
        host = pattern.replace("\\", "")
        assert any(host.endswith(one.removeprefix("*")) for one in said), pattern
    shown = {one: one.replace("*", "acme") for one in said}
    for one, host in shown.items():
        assert any(re.fullmatch(pattern, host) for pattern in (*LOGIN, *HOSTS)), one


@pytest.mark.parametrize("language", ["", ".ja"])
@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_each_guide_says_it_of_its_crm(crm: str, language: str) -> None:
    title = "社外に出る通信" if language else "What leaves your network"
    text = (DOCS / f"install-{crm}{language}.md").read_text("utf-8").partition(f"## {title}\n")[2]
    text = text.partition("\n## ")[0]
    assert f"security{language}.md#" in text
    assert {"salesforce": ".my.salesforce.com", "hubspot": "api.hubapi.com"}[crm] in text


def test_what_is_installed_in_a_crm_calls_nobody_outside() -> None:
    app = json.loads((ROOT / "connectors/hubspot/app/src/app/app-hsmeta.json").read_bytes())
    assert not any(app["config"].get("permittedUrls", {}).values())
    kinds = {one.name for one in (ROOT / "connectors/salesforce/force-app/main/default").iterdir()}
    calling = {"remoteSiteSettings", "namedCredentials", "externalCredentials", "workflows"}
    calling |= {"cspTrustedSites", "flows", "classes", "triggers", "platformEventChannels"}
    assert kinds
    assert not kinds & calling


def test_the_white_paper_counts_the_scopes() -> None:
    app = json.loads((ROOT / "connectors/hubspot/app/src/app/app-hsmeta.json").read_bytes())
    scopes = app["config"]["auth"]["requiredScopes"]
    words = {12: "twelve", 13: "thirteen", 14: "fourteen"}
    assert f"{words[len(scopes)]} scopes" in (DOCS / "security.md").read_text("utf-8")
    assert f"スコープは{len(scopes)}個" in (DOCS / "security.ja.md").read_text("utf-8")
