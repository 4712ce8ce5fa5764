"""Step 4: what was agreed, whether it was done, and what is suggested next."""
