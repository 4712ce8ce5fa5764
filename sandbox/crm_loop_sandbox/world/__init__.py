"""The one made-up company that both faces show, and what its people do."""
