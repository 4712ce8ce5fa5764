"""Which hosts are Salesforce's own, so that a token is sent to no other."""

from crm_loop.outbound import LABEL

#: My Domain of an org, production or sandbox; nothing that hosts customers' pages.
ORG = (
    rf"{LABEL}\.my\.salesforce\.com",
    rf"{LABEL}\.(?:sandbox|develop|scratch|demo|trailblaze|patch)\.my\.salesforce\.com",
)
LOGIN = (*ORG, r"login\.salesforce\.com", r"test\.salesforce\.com")
EXAMPLE = "https://acme.my.salesforce.com"
