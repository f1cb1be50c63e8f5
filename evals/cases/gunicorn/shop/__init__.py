"""Copied to /srv/shop, where gunicorn is started."""
