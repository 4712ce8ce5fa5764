"""One module for each of HubSpot's APIs."""
