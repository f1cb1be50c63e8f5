"""How fast landscribe is, against which sizes: `make bench`. Development only, in no wheel."""
