"""Did it help? Effects, what works, cadence and quality of 1on1s, the organisation's stage."""
