"""The manager's weekly list by mail, for whoever reads mail before the CRM."""
