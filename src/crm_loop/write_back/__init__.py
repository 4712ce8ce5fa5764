"""Step 5: put what was agreed into the CRM, exactly once."""
