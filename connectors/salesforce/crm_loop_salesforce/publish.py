"""Agendas and figures in the objects of our package, for those whom they are about."""

from collections.abc import Mapping, Sequence

from crm_loop.connector.contract import Outcome, Result
from crm_loop.connector.publishing import Figure, Sheet, Written
from crm_loop_salesforce.translate import own
from crm_loop_salesforce.transport import Api
from crm_loop_salesforce.upserts import Outcomes, Upserts


class Sheets:
    """Writes and reads the agendas of one org."""

    def __init__(self, api: Api, rows: Upserts) -> None:
        self._api = api
        self._rows = rows

    def publish(self, sheets: Sequence[Sheet]) -> list[Outcome]:
        """Agendas that nobody has worked on yet, with their items and their managers' share."""
        standing = self._rows.by_key(own.SESSIONS, (sheet.key for sheet in sheets))
        me = self._api.user_id
        touched = {key for key, row in standing.items() if own.is_touched(row, me)}
        ours = [sheet for sheet in sheets if sheet.key not in touched]
        outcomes = self._rows.write(own.SESSIONS, [own.session_row(sheet) for sheet in ours])
        there = {key: str(standing[key]["Id"]) for key in touched} | _ids(outcomes)
        outcomes |= self._items(ours, there)
        # The share follows the manager even where the text is left alone.
        self._share([sheet for sheet in sheets if sheet.key in there], there)
        kept = {
            key: Outcome(key=key, result=Result.ALREADY_THERE, crm_id=there[key]) for key in touched
        }
        return [(outcomes | kept)[sheet.key] for sheet in sheets]

    def read(self, keys: Sequence[str]) -> Mapping[str, Written]:
        me = self._api.user_id
        found = self._rows.by_key(own.SESSIONS, keys)
        return {key: own.written(row, me) for key, row in found.items()}

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
        rows = [own.item_row(item, there[sheet.key]) for item, sheet in free]
        outcomes = self._rows.write(own.ITEMS, rows)
        failed: Outcomes = {}
        for item, sheet in free:
            found = outcomes[item.key]
            if found.result is not Result.DONE:
                text = {"code": found.code, "text": found.text, "crm_id": there[sheet.key]}
                failed.setdefault(sheet.key, Outcome(key=sheet.key, result=found.result, **text))
        return failed

    def _share(self, sheets: Sequence[Sheet], there: Mapping[str, str]) -> None:
        """Exactly the present manager reads a sheet beside its rep."""
        managers = {there[sheet.key]: sheet.manager_id for sheet in sheets}
        fields = ("Id", "ParentId", "UserOrGroupId", "RowCause")
        rows = self._rows.where(own.SHARES, fields, "ParentId", managers)
        manual = [row for row in rows if row["RowCause"] == "Manual"]
        right = {row["ParentId"] for row in manual if _is_right(row, managers)}
        self._rows.delete([row["Id"] for row in manual if not _is_right(row, managers)])
        missing = [one for one in managers.items() if one[0] not in right]
        self._rows.create([own.share_row(session, manager) for session, manager in missing])


def _is_right(share: Mapping[str, str], managers: Mapping[str, str]) -> bool:
    return managers[share["ParentId"]] == share["UserOrGroupId"]


class Figures:
    """Writes the figures of one org."""

    def __init__(self, rows: Upserts) -> None:
        self._rows = rows

    def publish(self, figures: Sequence[Figure]) -> list[Outcome]:
        """Figures of KPIs that are made where they are missing; older ones are no latest."""
        kpis = self._rows.write(own.KPIS, [own.kpi_row(one) for one in figures])
        known = _ids(kpis)
        ready = [one for one in figures if one.kpi in known]
        rows = [own.figure_row(one, known[one.kpi]) for one in ready]
        outcomes = self._rows.write(own.FIGURES, rows)
        self._retire([one for one in ready if outcomes[one.key].result is Result.DONE], known)
        lost = {one.key: _of(kpis[one.kpi], one.key) for one in figures if one.kpi not in known}
        return [(outcomes | lost)[one.key] for one in figures]

    def _retire(self, figures: Sequence[Figure], kpis: Mapping[str, str]) -> None:
        newest = {(one.rep_id[:15], kpis[one.kpi][:15]): one.key for one in figures}
        fields = ("Id", "CrmLoop_Key__c", "Rep__c", "KPI__c", "Is_Latest__c")
        rows = self._rows.where(own.FIGURES.name, fields, "Rep__c", {one.rep_id for one in figures})
        old = [
            {"attributes": {"type": own.FIGURES.name}, "Id": row["Id"], "Is_Latest__c": False}
            for row in rows
            if row["Is_Latest__c"]
            and newest.get((row["Rep__c"][:15], row["KPI__c"][:15]), row["CrmLoop_Key__c"])
            != row["CrmLoop_Key__c"]
        ]
        self._rows.change(old)


def _ids(outcomes: Outcomes) -> dict[str, str]:
    done = [one for one in outcomes.values() if one.result is Result.DONE and one.crm_id]
    return {one.key: str(one.crm_id) for one in done}


def _of(outcome: Outcome, key: str) -> Outcome:
    return Outcome(key=key, result=outcome.result, code=outcome.code, text=outcome.text)
