"""Values to text: launchers, configuration, notes. Opens nothing, asks no clock, prints nothing."""
