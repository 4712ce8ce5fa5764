"""SOQL: read into a tree, then turned into plain Python over rows."""

from crm_loop_sandbox.salesforce.soql.parse import Query, parse

__all__ = ["Query", "parse"]
