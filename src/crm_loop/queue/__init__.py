"""Durable jobs: the database holds them, a bell may ring for them."""

from crm_loop.queue.bell import Bell, NoBell
from crm_loop.queue.claims import Claims
from crm_loop.queue.policy import Again, Park, decide
from crm_loop.queue.progress import Progress, progress
from crm_loop.store.jobs import Job, JobState, NewJob

__all__ = [
    "Again",
    "Bell",
    "Claims",
    "Job",
    "JobState",
    "NewJob",
    "NoBell",
    "Park",
    "Progress",
    "decide",
    "progress",
]
