"""Traces of one service read into one inventory: which form each is of, what it is called, what broke off."""
