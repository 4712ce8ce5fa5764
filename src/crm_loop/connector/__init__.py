"""What a CRM connector must offer, and how installed ones are found."""
