"""Questions put to theory and simulation together, and the command line."""
