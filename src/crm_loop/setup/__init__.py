"""What an admin decides: connect, doctor, map, people."""
