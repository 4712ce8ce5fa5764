"""Everything that one HubSpot account holds."""

from zoneinfo import ZoneInfo

from crm_loop_sandbox.hubspot.ids import Ids
from crm_loop_sandbox.hubspot.limits import Limits
from crm_loop_sandbox.hubspot.link_types import LinkTypes
from crm_loop_sandbox.hubspot.links import Links
from crm_loop_sandbox.hubspot.moments import to_ms
from crm_loop_sandbox.hubspot.object_types import OBJECT_TYPES, ObjectType
from crm_loop_sandbox.hubspot.owners import Owners
from crm_loop_sandbox.hubspot.pipelines import Pipelines
from crm_loop_sandbox.hubspot.table import Table
from crm_loop_sandbox.hubspot.tiers import TIERS, scopes_of
from crm_loop_sandbox.hubspot.tokens import Tokens
from crm_loop_sandbox.hubspot.webhooks import Feed
from crm_loop_sandbox.kernel import Kernel
from crm_loop_sandbox.world.story import World


class Portal:
    """Tables, associations, people and settings of the account; knows nothing of HTTP."""

    def __init__(self, kernel: Kernel, world: World) -> None:
        self.kernel = kernel
        self.tier = TIERS[kernel.options.tier]
        self.ids = Ids(kernel)
        self.portal_id = self.ids.small("portal")
        self.zone = ZoneInfo(world.time_zone)
        self.currency = world.currency
        self.rates = {code: rate for code, rate in world.rates.items() if code != world.currency}
        self.tables = {kind.id: Table(kind) for kind in OBJECT_TYPES}
        self.link_types = LinkTypes()
        self.links = Links(self.link_types)
        self.owners = Owners()
        self.pipelines = Pipelines(world.stages)
        self.tokens = Tokens(kernel, scopes_of(self.tier))
        self.limits = Limits(self.tier, self.zone, enforced=kernel.options.rate_limits)
        self.feed = Feed(kernel, portal_id=self.portal_id, app_id=int(self.tokens.app_id))
        self.refs: dict[str, tuple[str, int]] = {}

    def table(self, kind: ObjectType) -> Table:
        return self.tables[kind.id]

    def now(self) -> int:
        """Business time in milliseconds since 1970."""
        return to_ms(self.kernel.clock.now())

    def name(self, table: Table, row_id: int, ref: str) -> None:
        """Remember what the world calls this record."""
        self.refs[ref] = (table.kind.id, row_id)
        table.refs[row_id] = ref

    def linked(self, from_kind: ObjectType, row_id: int, to_kind: ObjectType) -> list[int]:
        """Live records of another type that are joined to this one, by ascending id."""
        table = self.table(to_kind)
        ids = self.links.targets((from_kind.id, to_kind.id), row_id)
        return [to_id for to_id in ids if table.get(to_id) is not None]
