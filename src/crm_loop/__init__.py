"""Closes the loop KPI, 1on1, action, KPI inside the CRM."""
