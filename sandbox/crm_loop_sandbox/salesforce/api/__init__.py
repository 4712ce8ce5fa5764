"""One file for each API of the face."""
