"""The pages that people open in a browser, and the same answers for scripts."""
