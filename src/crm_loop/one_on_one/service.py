"""The step's doors: call_off, choose, compose, move, refresh, let_through, capture, settle."""

from crm_loop.one_on_one.calling_off import call_off
from crm_loop.one_on_one.capturing import capture
from crm_loop.one_on_one.choosing import choose
from crm_loop.one_on_one.composing import compose
from crm_loop.one_on_one.letting import let_one_through, let_through
from crm_loop.one_on_one.moving import move, move_and_refresh
from crm_loop.one_on_one.refreshing import refresh
from crm_loop.one_on_one.settling import settle

__all__ = [
    "call_off",
    "capture",
    "choose",
    "compose",
    "let_one_through",
    "let_through",
    "move",
    "move_and_refresh",
    "refresh",
    "settle",
]
