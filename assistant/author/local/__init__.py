"""A model on this machine, behind the same API and the same transport as any other: the extra ``local``.

Small models answer badly. What is proved with one is that the wire works and that limits hold.
"""

from assistant.author.local.model import PATIENCE, installed_model, load
from assistant.author.local.shim import LocalEndpoint, serving


__all__ = ["PATIENCE", "LocalEndpoint", "installed_model", "load", "serving"]
