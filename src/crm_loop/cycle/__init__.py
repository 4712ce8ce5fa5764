"""Where each rep's week stands, and which links of the loop are missing."""
