"""Salesforce, as a connector."""
