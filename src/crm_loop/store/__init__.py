"""What is remembered: every table, one repository a subject, each seen through one transaction."""

from crm_loop.store.state import Begin, State

__all__ = ["Begin", "State"]
