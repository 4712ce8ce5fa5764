"""Step 6: did it move, which steps work here, how far the organisation has come."""
