"""Why the document store cannot be reached over TLS, as far as an operator can do something about it."""

from typing import Final

from pymongo.errors import PyMongoError

_OF_TLS: Final = (
    ("Hostname mismatch", "its certificate is for another name than the one in REBILLING_MONGODB__URI"),
    ("IP address mismatch", "its certificate is for another name than the one in REBILLING_MONGODB__URI"),
    (
        "CERTIFICATE_VERIFY_FAILED",
        "nobody we trust vouches for its certificate; REBILLING_MONGODB__CA_FILE names who signed it",
    ),
    (
        "CERTIFICATE_REQUIRED",
        "it wants to see a certificate of ours; REBILLING_MONGODB__CERTIFICATE_FILE names it",
    ),
    ("ALERT", "it does not take our certificate; REBILLING_MONGODB__CERTIFICATE_FILE names it"),
    ("WRONG_VERSION_NUMBER", "it answers in plain text, and REBILLING_MONGODB__URI says tls=true"),
    ("handshake", "it speaks no TLS with us, and REBILLING_MONGODB__URI says tls=true"),
)


def why(error: PyMongoError) -> str:
    """Its kind where TLS is not the reason; never the driver's own text, which repeats addresses."""
    text = str(error)
    if "SSL" in text:
        return next((told for sign, told in _OF_TLS if sign in text), type(error).__name__)
    return type(error).__name__
