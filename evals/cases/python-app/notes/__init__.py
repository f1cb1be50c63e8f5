"""Notes kept in sqlite, shown through templates."""
