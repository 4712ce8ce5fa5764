"""Webhooks: who asked to hear of which changes, and how they are told."""

from crm_loop_sandbox.hubspot.webhooks.feed import Feed
from crm_loop_sandbox.hubspot.webhooks.sending import Sender
from crm_loop_sandbox.hubspot.webhooks.subscriptions import Settings, Subscription

__all__ = ["Feed", "Sender", "Settings", "Subscription"]
