"""The measures: frames in, one row a person out, with the records behind each."""

from collections.abc import Mapping

from crm_loop.kpi.measures.activity import (
    calls,
    connect_rate,
    connects,
    crm_log_lag_days,
    emails_sent,
    lead_response_sla,
    meetings_held,
    new_meetings,
)
from crm_loop.kpi.measures.cohorts import conversion, duration, win_rate_cohort
from crm_loop.kpi.measures.outcome import (
    avg_deal_size,
    bookings,
    new_logo_count,
    sales_cycle_days,
    win_rate,
    win_rate_value,
    won_count,
)
from crm_loop.kpi.measures.pipeline import (
    next_step_hygiene,
    open_in_period,
    open_touch_rate,
    overdue_close_rate,
    pipeline_created,
    pipeline_created_count,
    proposals,
    push_count,
    single_threaded_rate,
    slip_days,
    slip_rate,
    stale_rate,
)
from crm_loop.kpi.measures.summed import Measure

MEASURES: Mapping[str, Measure] = {
    "bookings": bookings,
    "won_count": won_count,
    "avg_deal_size": avg_deal_size,
    "win_rate": win_rate,
    "win_rate_value": win_rate_value,
    "win_rate_cohort": win_rate_cohort,
    "sales_cycle_days": sales_cycle_days,
    "new_logo_count": new_logo_count,
    "pipeline_created": pipeline_created,
    "pipeline_created_count": pipeline_created_count,
    "pipeline_coverage": open_in_period,
    "stage_conversion_s1_s2": conversion("S1", "S2"),
    "stage_conversion_s2_s3": conversion("S2", "S3"),
    "stage_conversion_s3_won": conversion("S3", "won"),
    "stage_duration_s1": duration("S1"),
    "stage_duration_s2": duration("S2"),
    "stage_duration_s3": duration("S3"),
    "stage_duration_s4": duration("S4"),
    "proposals": proposals,
    "push_count": push_count,
    "slip_days": slip_days,
    "slip_rate": slip_rate,
    "stale_rate": stale_rate,
    "next_step_hygiene": next_step_hygiene,
    "single_threaded_rate": single_threaded_rate,
    "overdue_close_rate": overdue_close_rate,
    "open_touch_rate": open_touch_rate,
    "calls": calls,
    "connects": connects,
    "connect_rate": connect_rate,
    "meetings_held": meetings_held,
    "new_meetings": new_meetings,
    "emails_sent": emails_sent,
    "lead_response_sla": lead_response_sla,
    "crm_log_lag_days": crm_log_lag_days,
}
