"""Plain values that rules may use: phone numbers, e-mail addresses, countries, money. They know no message."""
