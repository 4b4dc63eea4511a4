"""How a value says that it cannot be what was given.

ValueError
└── InvalidValue    no such phone number, address, country, currency or amount: refuse it at its field
"""


class InvalidValue(ValueError):  # noqa: N818 - the input is at fault, not the program
    """`code` is UPPER_SNAKE and stable; `detail` tells a person what to do and never repeats personal data."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
