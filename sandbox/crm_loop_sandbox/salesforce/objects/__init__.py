"""Objects and fields of the org, as data: one line a field, written compactly.

A line reads `Name type flags`. Types: id, ref:Object|Object (an object with an arrow names the
list of children: `ref:Account>Opportunities`), string(n), textarea(n), bool, date, datetime,
currency, percent, int, double, picklist, email, phone, url. Flags: r read-only, c create only,
! required, n not filterable, u unique, e external id, f worked out by a formula, R a picklist
that takes its own values only, o an option of the organisation (left out of a minimal one).
"""

from collections.abc import Mapping

from crm_loop_sandbox.salesforce.objects.activities import ACTIVITIES
from crm_loop_sandbox.salesforce.objects.customers import CUSTOMERS
from crm_loop_sandbox.salesforce.objects.forecasts import FORECASTS
from crm_loop_sandbox.salesforce.objects.sales import SALES
from crm_loop_sandbox.salesforce.objects.setup import SETUP

OBJECTS: Mapping[str, str] = {**SETUP, **CUSTOMERS, **SALES, **ACTIVITIES, **FORECASTS}
