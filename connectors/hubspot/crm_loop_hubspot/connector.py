"""One HubSpot portal behind the contract."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from crm_loop.connector.contract import (
    Account,
    Batch,
    Capabilities,
    Change,
    Cursor,
    Found,
    Outcome,
    Ports,
    Sought,
)
from crm_loop.connector.marked import MarkedTask, Wanted
from crm_loop.connector.publishing import Figure
from crm_loop.records import Subject
from crm_loop_hubspot import values
from crm_loop_hubspot.booking import booking_urls
from crm_loop_hubspot.discover import Discovered
from crm_loop_hubspot.legs import OVERLAP
from crm_loop_hubspot.look_up import look_up
from crm_loop_hubspot.marked import marked_tasks
from crm_loop_hubspot.noting import has_payload, note
from crm_loop_hubspot.own_fields import named
from crm_loop_hubspot.paths import API_VERSION, Paths
from crm_loop_hubspot.portal import (
    KeyPlace,
    Portal,
    capabilities_of,
    keeps_figures,
    key_place,
    portal_of,
)
from crm_loop_hubspot.provision import provision
from crm_loop_hubspot.pull import Puller
from crm_loop_hubspot.translate.kinds import Reading
from crm_loop_hubspot.transport import Api
from crm_loop_hubspot.users import owners_of_users
from crm_loop_hubspot.write import Terms, Writer

#: Seconds for which the time of the last answer is HubSpot's time.
JUST_NOW = 1.0
#: Tasks are due at the end of the working day.
DUE_HOUR = 17


class HubSpotConnector:
    """Answers the contract's questions; what it learns of the portal it keeps for its life."""

    def __init__(self, account: Account, ports: Ports) -> None:
        version = str(account.settings.get("api_version") or API_VERSION)
        self._account, self._ports = account, ports
        self._api = Api(account, ports, paths=Paths(version))
        self._own_fields = named(account.settings)
        self._puller = Puller(
            self._api,
            ports.notebook,
            Discovered(self._api, ports, tuple(self._own_fields["deal"].values())),
            overlap=_overlap(account.settings.get("overlap_minutes")),
            leads_from=values.text(account.settings.get("leads")),
        )
        self._known_portal: Portal | None = None
        self._known_place: KeyPlace | None = None
        #: HubSpot's time as the answers behind the last capabilities told it, and when that was.
        self._told: tuple[datetime, float] | None = None

    def capabilities(self) -> Capabilities:
        self._forget()
        found = capabilities_of(self._api, self._account, self._portal, self._place)
        self._told = self._api.seen_time(), monotonic()
        return found

    def provision(self) -> Sequence[str]:
        self._forget()
        self._known_portal = self._portal
        made = provision(self._api, self._account)
        self._forget()
        return made

    def clock(self) -> datetime:
        # A pull asks for both, one behind the other.
        told, self._told = self._told, None
        if told is not None and monotonic() - told[1] < JUST_NOW:
            return told[0]
        return self._api.time()

    def booking_urls(self) -> Mapping[str, str]:
        return booking_urls(self._api, self._ports)

    def pull(self, subject: Subject, cursor: Cursor | None) -> Iterator[Batch]:
        return self._puller.pull(subject, cursor, self._reading(), self._place)

    def look_up(self, sought: Sequence[Sought]) -> dict[str, Found]:
        return look_up(self._api, sought, self._place, self._portal.zone, self._owners)

    def marked_tasks(self, wanted: Wanted) -> Sequence[MarkedTask]:
        return marked_tasks(self._api, self._portal.zone, wanted, self._owners)

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        hour = self._account.settings.get("due_hour")
        terms = Terms(
            place=self._place,
            zone=self._portal.zone,
            due_hour=DUE_HOUR if hour is None else int(hour),
        )
        return Writer(self._api, terms).apply(changes)

    def note_figures(self, figures: Mapping[str, Sequence[Figure]]) -> Sequence[Outcome]:
        if not keeps_figures(self._api, self._account) or not has_payload(self._api):
            return []
        return note(self._api, figures)

    def _owners(self) -> Mapping[str, str]:
        return owners_of_users(self._api, self._ports)

    def _reading(self) -> Reading:
        return Reading(
            zone=self._portal.zone,
            currency=self._portal.currency,
            language=values.text(self._account.settings.get("language")),
            deal_fields=self._own_fields["deal"],
            own_fields=self._own_fields,
        )

    @property
    def _portal(self) -> Portal:
        if self._known_portal is None:
            self._known_portal = portal_of(self._api, self._account)
        return self._known_portal

    @property
    def _place(self) -> KeyPlace:
        if self._known_place is None:
            self._known_place = key_place(self._api)
        return self._known_place

    def _forget(self) -> None:
        self._known_portal = self._known_place = None


def _overlap(minutes: Any) -> timedelta:
    return OVERLAP if minutes is None else timedelta(minutes=float(minutes))
