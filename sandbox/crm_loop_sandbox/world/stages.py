"""The stages of the made-up company's pipeline, in both CRMs' words."""

from crm_loop_sandbox.world.story import StageDef


def _stage(salesforce: str, id_: str, label: str, probability: float) -> StageDef:
    return StageDef(
        salesforce=salesforce,
        hubspot=(id_, label),
        probability=probability,
        is_closed=probability in {0.0, 1.0},
        is_won=probability == 1.0,
    )


STAGES = (
    _stage("Prospecting", "appointmentscheduled", "Appointment Scheduled", 0.1),
    _stage("Qualification", "qualifiedtobuy", "Qualified To Buy", 0.3),
    _stage("Needs Analysis", "presentationscheduled", "Presentation Scheduled", 0.5),
    _stage("Proposal/Price Quote", "decisionmakerboughtin", "Decision Maker Bought-In", 0.65),
    _stage("Negotiation/Review", "contractsent", "Contract Sent", 0.85),
    _stage("Closed Won", "closedwon", "Closed Won", 1.0),
    _stage("Closed Lost", "closedlost", "Closed Lost", 0.0),
)
LAST_OPEN, WON, LOST = 4, 5, 6
