"""Claude over the vendor's SDK. Only who asks imports this: it takes a second."""

from assistant.author.claude.author import ClaudeAuthor


__all__ = ["ClaudeAuthor"]
