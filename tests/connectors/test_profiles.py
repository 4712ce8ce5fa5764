"""What connectors tell people of their CRMs."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from crm_loop.connector.discovery import GROUP, profiles, profiles_of
from crm_loop.connector.drawing import Texts
from crm_loop.connector.profile import Profile
from crm_loop.connector.vocabulary import named, spoken, with_profiles
from crm_loop.wording import LANGUAGES, words
from crm_loop.wording.linter import blocked


def entry(name: str, module: str) -> EntryPoint:
    return EntryPoint(name, f"{module}:connect", GROUP)


def texts(profile: Profile) -> Iterator[Texts]:
    yield profile.address_hint
    for way in profile.ways:
        yield from (way.title, way.how, *(one.label for one in way.entries))
        for drawing in way.drawings:
            yield from (drawing.title, drawing.place)
            yield from (text for part in drawing.parts for text in (part.label, part.do) if text)


@pytest.mark.parametrize("kind", ["hubspot", "salesforce"])
def test_a_crm_of_ours_is_told_of_in_both_languages(kind: str) -> None:
    profile = profiles()[kind]
    assert set(profile.nouns) == set(LANGUAGES)
    for text in texts(profile):
        assert set(text) == set(LANGUAGES)
        assert [said for language, said in text.items() if blocked(said, language)] == []


def test_whoever_has_a_secret_types_it_unseen() -> None:
    secrets = {"client_secret", "access_token", "private_key", "refresh_token"}
    entries = [one for crm in profiles().values() for way in crm.ways for one in way.entries]
    assert {one.name for one in entries if one.secret} == secrets


def test_a_third_connector_brings_its_own_words() -> None:
    known = profiles_of([entry("third", "third_crm")])
    english = with_profiles(words("en"), known)
    assert english.say("nouns.deal.third", n=1) == "lead"
    assert english.say("nouns.deal.third", n=2) == "leads"
    assert with_profiles(words("ja"), known).say("crm.third") == "Third"


@pytest.mark.parametrize("module", ["nowhere_to_be_found", "json"])
def test_a_connector_that_tells_nothing_harms_nobody(module: str) -> None:
    known = profiles_of([entry("broken", module), entry("third", "third_crm")])
    assert list(known) == ["third"]


def test_a_crm_that_nobody_tells_of_is_spoken_of_in_general_words() -> None:
    assert named("salesforce") == "salesforce"
    assert spoken("ja").say(f"nouns.deal.{named('unheard')}", n=1) == "案件"
