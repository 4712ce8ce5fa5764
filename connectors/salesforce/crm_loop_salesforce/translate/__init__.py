"""Salesforce rows and our records, one into the other; nothing else knows Salesforce's names."""
