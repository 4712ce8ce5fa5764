"""A small Salesforce and a small HubSpot on loopback."""
