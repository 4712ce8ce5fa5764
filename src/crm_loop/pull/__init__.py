"""Step 1: read the CRM into the store."""
