"""The contract, fulfilled over Salesforce's REST API."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from time import sleep

from crm_loop.connector.ahead import Ahead
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
from crm_loop.connector.publishing import Figure, Sheet, Written
from crm_loop.records import Subject
from crm_loop_salesforce.bulk import Bulk
from crm_loop_salesforce.bulk_load import BulkLoad
from crm_loop_salesforce.deletions import Deletions
from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.look_up import look_up
from crm_loop_salesforce.marked import marked_tasks
from crm_loop_salesforce.publish import Figures, Sheets
from crm_loop_salesforce.pull import BULK_FROM, Puller
from crm_loop_salesforce.translate import deals, sources
from crm_loop_salesforce.translate.own_fields import OBJECTS
from crm_loop_salesforce.translate.sources import Reading
from crm_loop_salesforce.transport import Api
from crm_loop_salesforce.upserts import Upserts
from crm_loop_salesforce.whole import at_the_top, read_whole
from crm_loop_salesforce.windows import OVERLAP, Windows
from crm_loop_salesforce.write import Writer

#: One that is ready when the one before it is stored, and one that the end of an object and the
#: beginning of the next may take.
BATCHES_AHEAD = 2


class SalesforceConnector:
    """One org; describes are asked for once a connector, so make a new one for each job."""

    def __init__(
        self, account: Account, ports: Ports, *, sleep: Callable[[float], None] = sleep
    ) -> None:
        self._settings = account.settings
        self._api = Api(account, ports, sleep=sleep)
        self._org = Org(self._api, account.settings)
        minutes = account.settings.get("overlap_minutes")
        overlap = OVERLAP if minutes is None else timedelta(minutes=float(minutes))
        self._windows = Windows(self._api, self._org, overlap=overlap)
        bulk = Bulk(self._api, sleep)
        self._load = BulkLoad(org=self._org, bulk=bulk, notebook=ports.notebook)
        self._deletions = Deletions(self._api, self._org, sources.with_deletions())

    def capabilities(self) -> Capabilities:
        self._api.purpose = "track"
        return self._org.capabilities()

    def provision(self) -> Sequence[str]:
        """Nothing: fields come with the package that an admin installs."""
        return ()

    def clock(self) -> datetime:
        return self._api.time(afresh=True)

    def pull(self, subject: Subject, cursor: Cursor | None) -> Iterator[Batch]:
        self._api.purpose = "read" if cursor is not None else "load"
        if cursor is None and subject is Subject.PEOPLE:
            # Whoever reads an org for the first time begins with its people.
            self._puller().begin()
        batches = self._batches(subject, cursor)
        if cursor is None and self._load.may_run_ahead(subject):
            batches = Ahead(batches, BATCHES_AHEAD)
        return self._load.finishing(batches, sources.CHANGING.get(subject, ()))

    def _batches(self, subject: Subject, cursor: Cursor | None) -> Iterator[Batch]:
        self._api.purpose = "read" if cursor is not None else "load"
        if subject in sources.CHANGING:
            yield from self._puller().pull(subject, cursor)
            return
        pipelines = (self._settings.get("record_types") or {}).values()
        yield read_whole(subject, self._windows, self._org, pipelines)

    def _puller(self) -> Puller:
        return Puller(
            org=self._org,
            windows=self._windows,
            load=self._load,
            deletions=self._deletions,
            reading=self._reading(),
            bulk_from=int(self._settings.get("bulk_from") or BULK_FROM),
        )

    def look_up(self, sought: Sequence[Sought]) -> dict[str, Found]:
        self._api.purpose = "track"
        return look_up(self._api, self._org, sought)

    def marked_tasks(self, wanted: Wanted) -> Sequence[MarkedTask]:
        self._api.purpose = "track"
        return marked_tasks(self._api, self._org, wanted)

    def publish_sheets(self, sheets: Sequence[Sheet]) -> Sequence[Outcome]:
        return self._sheets().publish(sheets)

    def publish_figures(self, figures: Sequence[Figure]) -> Sequence[Outcome]:
        self._api.purpose = "track"
        return Figures(Upserts(self._api, self._org)).publish(figures)

    def read_sheets(self, keys: Sequence[str]) -> Mapping[str, Written]:
        return self._sheets().read(keys)

    def share_sheets(self, managers: Mapping[str, str]) -> int:
        return self._sheets().share(managers)

    def withdraw_sheets(self, crm_ids: Sequence[str]) -> Sequence[Outcome]:
        return self._sheets().withdraw(crm_ids)

    def is_open_above(self, crm_ids: Sequence[str]) -> bool | None:
        if not crm_ids:
            return None
        sheets = self._sheets()
        return sheets.is_open_to(at_the_top(self._windows, self._org), crm_ids)

    def _sheets(self) -> Sheets:
        self._api.purpose = "track"
        return Sheets(self._api, Upserts(self._api, self._org))

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        self._api.purpose = "track"
        return Writer(self._api, self._org).apply(changes)

    def _reading(self) -> Reading:
        sent = self._settings.get("quote_sent")
        # Any answer tells the time, so what must be asked anyhow is asked first.
        zone = self._org.zone
        return Reading(
            now=self._api.time(),
            zone=zone,
            **{
                setting: self._settings.get(setting) or {}
                for setting in (f"{kind}_fields" for kind in OBJECTS)
            },
            task_types=self._settings.get("task_types") or {},
            record_types=self._settings.get("record_types") or {},
            sent=tuple(sent) if sent else deals.SENT,
        )
