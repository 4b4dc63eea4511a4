"""Countries by their codes and names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.values.country import country_code
from shared.values.errors import InvalidValue

_LISTED = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA
    GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS
    MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS
    RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW
    TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
ISO = _LISTED.split()


def test_the_list_of_the_standard_is_whole() -> None:
    assert len(ISO) == 249


@pytest.mark.parametrize("code", [*ISO, "XK"])
def test_every_code_of_the_standard_is_taken_in_any_case(code: str) -> None:
    assert country_code(code) == code
    assert country_code(f" {code.lower()} ") == code


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("Australia", "AU"),
        ("AUS", "AU"),
        ("new zealand", "NZ"),
        ("U.S.A.", "US"),
        ("United States of America", "US"),
        ("The Netherlands", "NL"),
        ("UK", "GB"),
        ("England", "GB"),
        ("Cote d'Ivoire", "CI"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("Hong Kong", "HK"),
        ("Bosnia and Herzegovina", "BA"),
        ("Korea, Republic of", "KR"),
    ],
)
def test_a_country_is_known_by_what_people_write(raw: str, code: str) -> None:
    assert country_code(raw) == code


@pytest.mark.parametrize("raw", ["", "  ", "XX", "ZZ", "EU", "UN", "AN", "SU", "ABC", "Atlantis", "A", "61", "\x00"])
def test_what_is_no_country_is_refused(raw: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        country_code(raw)

    assert caught.value.code == "COUNTRY_UNKNOWN"


@given(st.text())
def test_any_text_is_a_country_of_two_letters_or_refused(raw: str) -> None:
    try:
        found = country_code(raw)
    except InvalidValue:
        return
    assert found in {*ISO, "XK"}
