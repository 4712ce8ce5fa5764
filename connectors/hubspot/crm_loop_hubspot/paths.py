"""Where each resource of the API lives; the one place that knows the API version."""

from dataclasses import dataclass

API_VERSION = "2026-03"


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths of one API version, which stands in another place in each family."""

    version: str = API_VERSION

    def objects(self, kind: str, *rest: str) -> str:
        return "/".join(("/crm/objects", self.version, kind, *rest))

    def associations(self, kind: str, other: str) -> str:
        return f"/crm/associations/{self.version}/{kind}/{other}/batch/read"

    def properties(self, kind: str, *rest: str) -> str:
        return "/".join(("/crm/properties", self.version, kind, *rest))

    @property
    def property_limits(self) -> str:
        return f"/crm/limits/{self.version}/custom-properties"

    @property
    def owners(self) -> str:
        return f"/crm/owners/{self.version}"

    @property
    def deal_pipelines(self) -> str:
        return f"/crm/pipelines/{self.version}/deals"

    @property
    def splits(self) -> str:
        return self.objects("deals", "splits", "batch", "read")

    @property
    def exchange_rates(self) -> str:
        return f"/settings/currencies/{self.version}/exchange-rates"

    @property
    def teams(self) -> str:
        """Nothing newer than 2026-03 is described; the next one has moved elsewhere."""
        return f"/settings/users/{API_VERSION}/teams"

    @property
    def meeting_links(self) -> str:
        return f"/scheduler/{self.version}/meetings/meeting-links"

    @property
    def account(self) -> str:
        return f"/account-info/{self.version}/details"

    @property
    def token(self) -> str:
        return f"/oauth/{self.version}/token"
