"""Four weekly turns of the real thing against two sandbox CRMs, and a report."""
