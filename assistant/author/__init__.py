"""The model at the rim: what is asked, who asks it, what comes back. Nothing it says is believed here."""
