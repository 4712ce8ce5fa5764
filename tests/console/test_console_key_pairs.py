"""A key that signs in to a CRM is made in the browser; nobody ever sees its secret half."""

from pathlib import Path
from typing import Any

import pytest
from console_house import House
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from opened_console import opened
from sqlalchemy import select

from crm_loop.console.pages.key_pairs import PLACE
from crm_loop.errors import Transient
from crm_loop.store.key_rotation import rotate
from crm_loop.store.tables.console import key_pair

ADMIN = "admin@acme.example"
CERTIFICATE = "/connections/keys/salesforce/certificate"
FORM = "/connections/new?kind=salesforce"


def secret(house: House) -> str:
    with house.app.look("acme") as state:
        pair = state.key_pairs.get("salesforce")
    assert pair is not None
    return house.app.seal.open(pair.sealed, "acme", PLACE, "salesforce")


def test_the_certificate_is_offered_and_belongs_to_the_sealed_key(house: House) -> None:
    browser = house.browser(ADMIN)
    assert browser.get(CERTIFICATE).status_code == 404
    assert CERTIFICATE not in browser.get(FORM).text
    assert browser.post("/connections/keys", kind="salesforce").status_code == 303
    answer = browser.get(CERTIFICATE)
    assert "crm_loop.crt" in answer.headers["content-disposition"]
    assert "PRIVATE" not in answer.text
    certificate = load_pem_x509_certificate(answer.content)
    private: Any = load_pem_private_key(secret(house).encode(), None)
    assert certificate.public_key() == private.public_key()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_never_shows_the_secret_half(house: House, language: str) -> None:
    browser = house.browser(ADMIN)
    browser.post("/connections/keys", kind="salesforce")
    page = browser.get(f"{FORM}&lang={language}").text
    assert CERTIFICATE in page
    assert "PRIVATE KEY" not in page
    with house.app.engine.connect() as connection:
        row = connection.execute(select(key_pair)).one()
    assert "PRIVATE" not in " ".join(map(str, row))


def test_connecting_signs_in_with_the_key_that_was_made(seeded: Path, tmp_path: Path) -> None:
    seen: list[str] = []

    def connector(account: Any, _ports: Any) -> Any:
        seen.append(account.credentials["private_key"])
        raise Transient("The CRM is away.")

    with opened(seeded, tmp_path / "house", connector=connector) as house:
        browser = house.browser(ADMIN)
        browser.post("/connections/keys", kind="salesforce")
        values = {"jwt.client_id": "id", "jwt.username": "u"}
        browser.post("/connections/new", kind="salesforce", name="second", url="https://x",
                     **values)  # fmt: skip
        assert seen == [secret(house)]


def test_a_rotated_house_still_opens_the_key(house: House) -> None:
    house.browser(ADMIN).post("/connections/keys", kind="salesforce")
    before = secret(house)
    app = house.app
    list(rotate(app.engine, app.seal.provider, now=app.clock(), data_keys=True))  # type: ignore[attr-defined]
    assert secret(house) == before


def test_a_crm_without_keys_makes_none(house: House) -> None:
    assert house.browser(ADMIN).post("/connections/keys", kind="hubspot").status_code == 404
