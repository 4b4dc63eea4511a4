"""Texts as they are kept: one line each, whatever a person or another system typed between the words."""


def one_line(text: str | None) -> str | None:
    """Line breaks and other controls become spaces, several spaces one; a blank text is none."""
    return " ".join("".join(c if c.isprintable() else " " for c in text or "").split()) or None
