"""HubSpot's records in our words and our tasks in its: the only place with its names."""
