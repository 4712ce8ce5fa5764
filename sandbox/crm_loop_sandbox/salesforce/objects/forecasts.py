"""Quotas and what they belong to."""

from crm_loop_sandbox.salesforce.objects.parts import PLAIN

FORECASTS = {
    "ForecastingType": "Id id r\nDeveloperName string(80) r\nMasterLabel string(80) r\n"
    "IsActive bool r\nIsAmount bool r\nIsQuantity bool r\nRoleType picklist r\n"
    "DateType picklist r\nHasProductFamily bool r\nSystemModstamp datetime r\n",
    "ForecastingQuota": PLAIN
    + """
QuotaOwnerId ref:User>ForecastingQuotas !
QuotaAmount currency
QuotaQuantity double
StartDate date !
PeriodId ref:Period>ForecastingQuotas r
ForecastingTypeId ref:ForecastingType
IsAmount bool r
IsQuantity bool r
ProductFamily picklist
""",
}
