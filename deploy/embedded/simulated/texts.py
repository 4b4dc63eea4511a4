"""How long a text is to the databases behind these PSAs."""


def length_of(text: str) -> int:
    """In UTF-16 units: a letter of another plane, such as an emoji, is two."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2
