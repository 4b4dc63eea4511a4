"""E-mail addresses in one normal form, checked for syntax only: whether mail arrives, only sending can tell."""

from typing import Final

from shared.values.errors import InvalidValue

_LONGEST: Final = 200
_WANTED: Final = "must be one e-mail address such as accounts@example.com"


def email_address(raw: str) -> str:
    """The address with its domain in lower-case ASCII, as every mail server takes it; the local part stays as it is.

    Domains under `.test` are taken, for trials; a domain of one word is not, since nobody's mail server is found by it.

    Raises `InvalidValue` with EMAIL_INVALID. The detail never repeats the address.
    """
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - heavy, and not every process needs it

    given = _not_too_long(raw.strip())
    try:
        found = validate_email(given, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError:
        raise InvalidValue("EMAIL_INVALID", _WANTED) from None
    if "." not in found.ascii_domain:
        raise InvalidValue("EMAIL_INVALID", _WANTED)
    return _not_too_long(f"{found.local_part}@{found.ascii_domain}")


def _not_too_long(address: str) -> str:
    if len(address) > _LONGEST:
        raise InvalidValue("EMAIL_INVALID", f"an e-mail address has at most {_LONGEST} characters here")
    return address
