"""Telephone numbers as E.164, so that the same number is the same text wherever it came from."""

from typing import Any, Final

from shared.values.errors import InvalidValue

_LONGEST: Final = 200


def e164(raw: str, region: str | None) -> str:
    """The number in E.164, `+61295552100`.

    `region` is the country (alpha-2) whose national numbers may be given without a prefix: the address's, or else the
    deployment's; None: only international numbers can be read. An extension cannot be dialled from outside and has no
    place in E.164, so a number with one is refused rather than shortened to somebody else's telephone.
    Raises `InvalidValue` with PHONE_INVALID or PHONE_EXTENSION.
    """
    import phonenumbers  # noqa: PLC0415 - loads its tables only in the process that reads a number

    if len(raw) > _LONGEST:
        raise _invalid(region)
    known = region.upper() if region else None
    try:
        number = phonenumbers.parse(raw, known if known in phonenumbers.SUPPORTED_REGIONS else None)
    except phonenumbers.NumberParseException:
        raise _invalid(region) from None
    return _checked(phonenumbers, number, region)


def _checked(phonenumbers: Any, number: Any, region: str | None) -> str:
    if number.extension:
        raise InvalidValue("PHONE_EXTENSION", "give the number without its extension: E.164 has none")
    if not phonenumbers.is_valid_number(number):
        raise _invalid(region)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _invalid(region: str | None) -> InvalidValue:
    where = f"a number of {region.upper()}, or " if region else ""
    return InvalidValue("PHONE_INVALID", f"must be {where}an international number that begins with + and the country")
