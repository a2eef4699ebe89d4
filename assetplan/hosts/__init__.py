"""Which buildings could take which services, and why."""
