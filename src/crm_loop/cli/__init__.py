"""The command line: mounts what is there, and loads a command only when it is called."""

from crm_loop.cli.mount import main

__all__ = ["main"]
