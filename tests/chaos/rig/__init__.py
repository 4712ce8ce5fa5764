"""Rigs that try to break the writer: a simulation, a crash matrix, chaos with real processes."""
