"""Step 3: when people meet, what they talk about, and the memo that stands in the CRM."""
