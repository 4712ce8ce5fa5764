"""`python -m crm_loop` is the same as `crm-loop`."""

from crm_loop.cli import main

main()
