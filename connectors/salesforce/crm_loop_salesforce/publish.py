"""Agendas and figures in the objects of our package, for those whom they are about."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from crm_loop.connector.contract import Outcome, Result
from crm_loop.connector.publishing import Figure, Sheet, Written
from crm_loop.errors import NeedsAttention
from crm_loop_salesforce import soql
from crm_loop_salesforce.shares import Shares, is_right
from crm_loop_salesforce.translate import own
from crm_loop_salesforce.translate.activities import KEY_FIELD
from crm_loop_salesforce.translate.values import Row
from crm_loop_salesforce.transport import Api
from crm_loop_salesforce.upserts import Outcomes, Upserts

#: So many people are asked about who are above, when somebody wants to know who can read.
VIEWERS = 3


class Sheets:
    """Writes and reads the agendas of one org."""

    def __init__(self, api: Api, rows: Upserts) -> None:
        self._api = api
        self._rows = rows
        self._shares = Shares(rows, own.SESSION_ACCESS)

    def publish(self, sheets: Sequence[Sheet]) -> list[Outcome]:
        """Agendas that nobody has worked on yet, with their items and their managers' share."""
        standing = self._rows.by_key(own.SESSIONS, (sheet.key for sheet in sheets))
        me = self._api.user_id
        touched = {key for key, row in standing.items() if own.is_touched(row, me)}
        gone = {one.key for one in sheets if one.crm_id and one.key not in standing}
        ours = [sheet for sheet in sheets if sheet.key not in touched | gone]
        outcomes = self._rows.write(own.SESSIONS, [own.session_row(sheet) for sheet in ours])
        there = {key: str(standing[key]["Id"]) for key in touched} | _ids(outcomes)
        outcomes |= self._items(ours, there)
        # The share follows the manager even where the text is left alone.
        shared = [sheet for sheet in sheets if sheet.key in there]
        refused = self._shares.put_right({there[one.key]: one.manager_id for one in shared})
        kept = {
            key: Outcome(key=key, result=Result.ALREADY_THERE, crm_id=there[key]) for key in touched
        }
        lost = {key: Outcome(key=key, result=Result.GONE) for key in gone}
        unshared = {
            sheet.key: replace(refused[there[sheet.key]], key=sheet.key, crm_id=there[sheet.key])
            for sheet in shared
            if there[sheet.key] in refused
        }
        return [(outcomes | kept | lost | unshared)[sheet.key] for sheet in sheets]

    def read(self, keys: Sequence[str]) -> Mapping[str, Written]:
        me = self._api.user_id
        found = self._rows.by_key(own.SESSIONS, keys, deleted=True)
        items: dict[str, list[Row]] = {}
        living = [row["Id"] for row in found.values() if not row["IsDeleted"]]
        fields = (KEY_FIELD, "Session__c", "Title__c", "Status__c")
        for row in self._rows.where(own.ITEMS.name, fields, "Session__c", living, own.OF_PEOPLE):
            items.setdefault(row["Session__c"], []).append(row)
        return {key: own.written(row, items.get(row["Id"], ()), me) for key, row in found.items()}

    def share(self, managers: Mapping[str, str]) -> int:
        """Open each session to its manager alone; how many of them were not before."""
        before = self._shares.given(managers)
        refused = self._shares.put_right(managers)
        if refused:
            first = next(iter(refused.values()))
            raise NeedsAttention(
                f"Salesforce does not let us share a session: {first.text or first.code}",
                code="salesforce.share",
                kept="The agenda itself stands; the manager cannot open it yet.",
                do="Give the integration user the permission set CrmLoop_Integration.",
            )
        right = {row["ParentId"] for row in before if is_right(row, managers)}
        return len(managers.keys() - right)

    def withdraw(self, ids: Sequence[str]) -> list[Outcome]:
        outcomes = self._rows.delete(ids)
        return [outcomes[one] for one in ids]

    def is_open_to(self, viewers: Sequence[str], ids: Sequence[str]) -> bool | None:
        """Whether one of these users may read one of these though it is another manager's."""
        rows = self._rows.where(own.SESSIONS.name, ("Id", "Manager__c", "OwnerId"), "Id", ids)
        insiders = {row["Manager__c"] for row in rows} | {row["OwnerId"] for row in rows}
        told = None
        for viewer in [one for one in viewers if one not in insiders][:VIEWERS]:
            who = f"UserId = {soql.record_id(viewer)}"
            which = soql.one_of("RecordId", (soql.record_id(row["Id"]) for row in rows))
            query = soql.select(
                ("RecordId", "HasReadAccess"), "UserRecordAccess", where=soql.both(who, which)
            )
            for row in self._api.rows("query", query):
                told = bool(told) or bool(row["HasReadAccess"])
        return told

    def _items(self, sheets: Sequence[Sheet], there: Mapping[str, str]) -> Outcomes:
        """The outcome of a sheet whose items were not all written is that of the first one."""
        wanted = [(item, sheet) for sheet in sheets if sheet.key in there for item in sheet.items]
        standing = self._rows.by_key(own.ITEMS, (item.key for item, _ in wanted))
        me = self._api.user_id
        free = [
            (item, sheet)
            for item, sheet in wanted
            if item.key not in standing or not own.is_touched(standing[item.key], me)
        ]
        rows = [
            own.item_row(item, None if item.key in standing else there[sheet.key])
            for item, sheet in free
        ]
        outcomes = self._rows.write(own.ITEMS, rows)
        failed: Outcomes = {}
        for item, sheet in free:
            found = outcomes[item.key]
            if found.result is not Result.DONE:
                text = {"code": found.code, "text": found.text, "crm_id": there[sheet.key]}
                failed.setdefault(sheet.key, Outcome(key=sheet.key, result=found.result, **text))
        return failed


class Figures:
    """Writes the figures of one org."""

    def __init__(self, rows: Upserts) -> None:
        self._rows = rows
        self._shares = Shares(rows, own.FIGURE_ACCESS)

    def publish(self, figures: Sequence[Figure]) -> list[Outcome]:
        """Figures of KPIs that are made where they are missing; all others are no latest.

        These are open to the rep's manager, older ones and those of other KPIs to the rep alone.
        """
        kpis = self._rows.write(own.KPIS, [own.kpi_row(one) for one in figures])
        known = _ids(kpis)
        ready = [one for one in figures if one.kpi in known]
        rows = [own.figure_row(one, known[one.kpi]) for one in ready]
        outcomes = self._rows.write(own.FIGURES, rows)
        done = [one for one in ready if outcomes[one.key].result is Result.DONE]
        self._retire(done, {(one.rep_id[:15], known[one.kpi][:15]) for one in ready}, known)
        outcomes |= self._open(ready, _ids(outcomes))
        lost = {one.key: _of(kpis[one.kpi], one.key) for one in figures if one.kpi not in known}
        return [(outcomes | lost)[one.key] for one in figures]

    def _open(self, figures: Sequence[Figure], there: Mapping[str, str]) -> Outcomes:
        """The outcomes of those that could not be opened to the manager."""
        managers = {
            there[one.key]: one.manager_id for one in figures if one.manager_id and one.key in there
        }
        refused = self._shares.put_right(managers)
        keys = {there[key]: key for key in there}
        return {keys[id_]: replace(one, key=keys[id_], crm_id=id_) for id_, one in refused.items()}

    def _retire(
        self, done: Sequence[Figure], shown: set[tuple[str, str]], kpis: Mapping[str, str]
    ) -> None:
        """What one of these replaces, and what is `shown` (rep and KPI) no more, is no latest."""
        newest = {(one.rep_id[:15], kpis[one.kpi][:15]): one.key for one in done}
        fields = ("Id", "CrmLoop_Key__c", "Rep__c", "KPI__c", "Is_Latest__c")
        rows = self._rows.where(own.FIGURES.name, fields, "Rep__c", {one.rep_id for one in done})
        old = [
            {"attributes": {"type": own.FIGURES.name}, "Id": row["Id"], "Is_Latest__c": False}
            for row in rows
            if row["Is_Latest__c"] and _is_past(row, newest, shown)
        ]
        self._rows.change(old)
        self._shares.take_back([row["Id"] for row in old])


def _is_past(row: Row, newest: Mapping[tuple[str, str], str], shown: set[tuple[str, str]]) -> bool:
    of = (row["Rep__c"][:15], row["KPI__c"][:15])
    return newest.get(of, row[KEY_FIELD]) != row[KEY_FIELD] or of not in shown


def _ids(outcomes: Outcomes) -> dict[str, str]:
    done = [one for one in outcomes.values() if one.result is Result.DONE and one.crm_id]
    return {one.key: str(one.crm_id) for one in done}


def _of(outcome: Outcome, key: str) -> Outcome:
    return Outcome(key=key, result=outcome.result, code=outcome.code, text=outcome.text)
