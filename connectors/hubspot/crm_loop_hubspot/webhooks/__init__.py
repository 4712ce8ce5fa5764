"""HubSpot tells us that something happened: reason to look earlier, and nothing more."""
