"""New stages get a place of their own accord."""

from crm_loop.records import Subject
from crm_loop.setup.stage_mapping import default_rows
from crm_loop.store import Begin


def map_stages(begin: Begin, organisation: str, connection: str) -> None:
    """Give every new stage its default place; what an admin has set stays."""
    with begin(organisation) as state:
        stages = [stage for at, stage in state.crm.read(Subject.STAGES) if at == connection]
        state.mapping.add_defaults(connection, default_rows(stages))
