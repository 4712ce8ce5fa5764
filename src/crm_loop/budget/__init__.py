"""What a connector is handed: a gate for its calls, a vault for its token, a notebook."""

from crm_loop.budget.gate import Counter, DatabaseGate
from crm_loop.budget.notebook import DatabaseNotebook
from crm_loop.budget.vault import DatabaseVault, release

__all__ = ["Counter", "DatabaseGate", "DatabaseNotebook", "DatabaseVault", "release"]
