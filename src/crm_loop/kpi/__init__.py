"""Step 2: where everybody stands: catalogue, measurement, targets, progress."""
