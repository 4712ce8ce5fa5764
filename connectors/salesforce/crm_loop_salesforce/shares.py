"""Private records of ours, opened to the present manager and to nobody else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crm_loop.connector.contract import Outcome, Result
from crm_loop_salesforce.translate import own
from crm_loop_salesforce.translate.own import Access
from crm_loop_salesforce.translate.values import Row
from crm_loop_salesforce.upserts import Upserts

_FIELDS = ("Id", "ParentId", "UserOrGroupId", "RowCause")


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of one object that were given by hand: ours."""

    rows: Upserts
    access: Access

    def put_right(self, managers: Mapping[str, str]) -> dict[str, Outcome]:
        """Exactly the manager reads a record beside its rep; what could not be done, by record."""
        rows = self.given(managers)
        right = {row["ParentId"] for row in rows if is_right(row, managers)}
        wrong = {row["Id"]: row["ParentId"] for row in rows if not is_right(row, managers)}
        taken = self.rows.delete(list(wrong))
        missing = [one for one in managers.items() if one[0] not in right]
        made = self.rows.create([own.share_row(self.access, *one) for one in missing])
        failed = {wrong[one.key]: one for one in taken.values() if one.result is not Result.DONE}
        pairs = zip(missing, made, strict=True)
        return failed | {pair[0]: one for pair, one in pairs if one.result is not Result.DONE}

    def take_back(self, records: Iterable[str]) -> None:
        """Nobody but their reps reads these any more."""
        self.rows.delete([row["Id"] for row in self.given(records)])

    def given(self, records: Iterable[str]) -> list[Row]:
        rows = self.rows.where(self.access.table, _FIELDS, "ParentId", records)
        return [row for row in rows if row["RowCause"] == "Manual"]


def is_right(share: Mapping[str, str], managers: Mapping[str, str]) -> bool:
    return managers[share["ParentId"]] == share["UserOrGroupId"]
