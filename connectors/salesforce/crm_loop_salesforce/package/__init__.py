"""What an admin installs in an org: built from metadata files, deployed, checked, taken out."""
