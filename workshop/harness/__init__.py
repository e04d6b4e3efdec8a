"""Tools that start, watch and measure a stage: processes, receivers, API clients, databases. Tests use them, too."""
