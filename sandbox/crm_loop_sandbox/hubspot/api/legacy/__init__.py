"""Old APIs that tools in the field still call, one module for each."""

from crm_loop_sandbox.hubspot.api.legacy import (
    account,
    associations,
    companies,
    contacts,
    deals,
    engagements,
    owners,
    pipelines,
    properties,
)

MODULES = (
    account,
    associations,
    companies,
    contacts,
    deals,
    engagements,
    owners,
    pipelines,
    properties,
)
