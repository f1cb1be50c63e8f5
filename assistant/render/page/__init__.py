"""What the page of the notes carries in it, as files: its style, and the script that filters and sorts."""
