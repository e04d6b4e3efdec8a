"""The lab: the demo's page, where people post events, break clients, kill workers, and see both servers react."""
