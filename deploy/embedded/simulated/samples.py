"""The companies of the invented MSP: many scripts, untidy phones, "" beside null, and no e-mail address."""

from typing import Any, Final

Sample = tuple[Any, ...]
OWN: Final = (
    "Northwind Managed IT",
    "+31 20 794 6100",
    "Keizersgracht 1",
    "",
    "Amsterdam",
    "",
    "1015 CJ",
    "NL",
)
_SAMPLES: Final = (
    # name, phone, line 1, line 2, city, region, postcode, country
    ("Kade & Sluis Architecten", "+31 20 794 6150", "Prinsengracht 8", "2e etage", "Amsterdam", "", "1017 JL", "NL"),
    ("Ærø Færgefart ApS", "+45 33 10 00 01", "Havnepladsen 4", "", "Marstal", "", "5960", "DK"),
    ("Łódzka Drukarnia Ślężańska", "+48 42 200 00 02", "ul. Lipowa 11", "lok. 7", "Łódź", "łódzkie", "90-418", "PL"),
    ("Sunrise Bakery 🥐", "(212) 555-0143", "48 Orchard St", "Suite 3B", "New York", "NY", "10002", "US"),
    ("Carolina Peach Logistics", "(864) 555-0112", "1200 Main St", None, "Greenville", "SC", "29601", "US"),
    ("Fjellheim Hytteutleie Ø", "+47 22 00 00 01", "Storgata 9", None, "Lillehammer", "", "2609", "NO"),
    ("Grünwald Präzisionstechnik GmbH", "+49 30 23125 012", "Hauptstraße 12", "Halle 4", "Berlin", "", "10827", "DE"),
    ("Boulangerie Cœur de Blé", "+33 1 99 00 12 34", "5 rue de l'Église", "", "Paris", None, "75015", "FR"),
    ("O'Connor & Daughters Solicitors", "+353 1 200 0012", "14 Merrion Row", None, "Dublin", "", "D02 KW80", "IE"),
    ("Taverna Ωκεανός", "+30 21 0000 4455", "Οδός Ερμού 21", None, "Αθήνα", "", "105 63", "GR"),
    ("Café São Bento, Lda", "+351 21 000 0012", "Rua de São Bento 70", "r/c", "Lisboa", "", "1200-819", "PT"),
    ("Harbour Bridge Veterinary", "(02) 5550 4001", "88 George Street", "Level 5", "The Rocks", "NSW", "2000", "AU"),
    ("Waikato Timber Co", "+64 7 200 0012", "31 Victoria Street", None, "Hamilton", "", "3204", "NZ"),
    ("Maple & Birch Dental", "416-555-0187", "77 King St W", "Floor 20", "Toronto", "ON", "M5K 1A1", "CA"),
    ("Bergman Måleri AB", "+46 8 465 004 12", "Götgatan 44", "", "Stockholm", "", "118 26", "SE"),
    ("Järvinen Veneveistämö Oy", "+358 9 000 0012", "Rantatie 3", None, "Helsinki", "", "00980", "FI"),
    ("Weingut Höllerer", "+43 1 200 00 01", "Kellergasse 17", "", "Wien", "", "1190", "AT"),
    ("Fromagerie des Ardennes SPRL", "+32 2 200 00 12", "Rue du Lac 205", "bte 2", "Bruxelles", "", "1050", "BE"),
    ("Uhrenatelier Zürcher", "+41 44 000 00 12", "Bahnhofstrasse 61", None, "Zürich", "ZH", "8001", "CH"),
    ("Officina Meccanica D'Alò", "+39 06 0000 0012", "Via Ostiense 131", "scala B", "Roma", "RM", "00154", "IT"),
    ("Peña & Núñez Abogados", "+34 910 00 00 12", "Calle de Alcalá 50", "3º izq.", "Madrid", "Madrid", "28014", "ES"),
    ("Železářství Dvořák s.r.o.", "+420 200 000 012", "Vinohradská 12", "", "Praha", "", "120 00", "CZ"),
    ("さくら設計事務所", "+81 3-2000-0012", "千代田区霞が関1-2-3", None, "東京", "東京都", "100-0013", "JP"),
    ("Highgate Books", "020 7946 0018", "12 Highgate High Street", "", "London", "", "N6 5JL", "GB"),
    ("Pennine Cycle Works", "0113 496 0752", "Unit 6, Mill Lane", None, "Leeds", "West Yorkshire", "LS1 4AP", "GB"),
    ("Lakeshore Property Group", "312.555.0166", "233 W Wacker Dr", "Ste 1400", "Chicago", "IL", "60606", "US"),
    ("Desert Bloom Landscaping", "602 555 0109", "910 E Camelback Rd", "", "Phoenix", "AZ", "85014", "US"),
    ("Cascade Roasters", "+1 (206) 555-0121", "1501 Pike Pl", "#11", "Seattle", "WA", "98101", "US"),
    ("Bayou Charter Boats", "504/555-0177", "Dock 9", None, "New Orleans", "LA", "70130", "US"),
    ("Nowak Ogrody", "22 200 00 12", "ul. Nowy Świat 15", "", "Warszawa", "mazowieckie", "00-029", "PL"),
    ("Van den Berg Fietsen", "020-794 6151", "Overtoom 310", None, "Amsterdam", "", "1054 JC", "NL"),
    ("De Gouden Pan", "+31 20 794 6152", "Haarlemmerdijk 51", "", "Amsterdam", "", "1013 KB", "NL"),
    ("Zonneveld Kwekerij", "+31 20 794 6153", "Aalsmeerderweg 400", None, "Aalsmeer", "", "1432 ED", "NL"),
    ("Curaçao Dive Supply", "+599 9 433 0000", "Kaya Flamboyan 8", None, "Willemstad", "", "", "AN"),
    ("Old Mill Printing (closed)", "020 7946 0991", "3 Mill Row", None, "London", "", "N1 5ST", "GB"),
)  # fmt: skip
SAMPLES: Final = len(_SAMPLES)


def sample(number: int) -> Sample:
    """Always the same; from the second round on with a number behind the name."""
    found = _SAMPLES[number % SAMPLES]
    again = number // SAMPLES
    return (f"{found[0]} {again + 1}", *found[1:]) if again else found
