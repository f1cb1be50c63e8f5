"""Which code paths a service has, from its unit and its package, and which of them the traces took. Pure."""
