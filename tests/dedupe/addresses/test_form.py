"""One form for the many ways to write an address, country by country."""

from __future__ import annotations

import pytest

from dedupe.addresses import form_of
from mapping.models import Address
from tests.dedupe.addresses.writing import at, read

AUSTRALIA = {
    "12 highstreet - -": ["12 High St", "12 HIGH STREET", "12 High St.", "12, High St", "12  High   street",
        "12 HighStreet"],
    "12 highstreet 3 -": [
        "Unit 3/12 High St", "3/12 High St", "Unit 3, 12 High St", "U3/12 High St", "12 High St, Unit 3",
        "12 High Street Unit 3", "unit 3 - 12 High St", "3 / 12 High St", "Flat 3, 12 High St", "12 High St Apt 3",
    ],
    "12 highstreet 3_level_2 -": ["Suite 3, Level 2, 12 High St", "Level 2, Suite 3, 12 High St"],
    "45 collinsstreet level_2 -": ["Level 2, 45 Collins St", "L2, 45 Collins St", "45 Collins St, L2",
        "Level 2/45 Collins St"],
    "12a highstreet - -": ["12a High St", "12A High St", "12 A High St"],
    "12-14 highstreet - -": ["12-14 High St", "12 - 14 High St", "12–14 High St"],
    "12 pacifichighway - -": ["12 Pacific Hwy", "12 Pacific Highway"],
    "12 saintkildaroad - -": ["12 St Kilda Rd", "12 St. Kilda Road", "12 Saint Kilda Rd"],
    "12 saintgeorgesterrace - -": ["12 St George's Tce", "12 St Georges Terrace"],
    "100 oconnellstreet 4 -": ["Shop 4, 100 O'Connell St", "Shop 4/100 OConnell St", "Shop 4, 100 O’Connell St"],
    "8 palmcrescent - -": ["8 Palm Cres", "8 Palm Cr", "8 Palm Crescent"],
    "8 marineparade - -": ["8 Marine Pde", "8 Marine Parade"],
    "8 theesplanade - -": ["8 The Esplanade"],
    "lot5 smithroad - -": ["Lot 5 Smith Rd", "Lot 5, Smith Road"],
    "12 smithroad - -": ["Lot 5, 12 Smith Rd"],
    "- - - po_123": ["PO Box 123", "P.O. Box 123", "P O Box 123", "POBox 123", "Post Office Box 123",
        "PO BOX No. 123"],
    "- - - gpo_123": ["GPO Box 123", "G.P.O. Box 123"],
    "- - - bag_12": ["Locked Bag 12", "Private Bag 12"],
    "5 highstreet - po_12": ["PO Box 12, 5 High St", "5 High St, PO Box 12"],
    "5 mountpark - -": ["The Willows, 5 Mt Park", "c/- Alice, 5 Mt Park", "c/o Bob, 5 Mount Park"],
    "- highstreet - -": ["High St", "High Street"],
}  # fmt: skip
AMERICA = {
    "123 west42ndstreet 4b -": ["123 W 42nd St Apt 4B", "123 West 42nd Street, Apt. 4B", "123 W. 42nd St #4B",
        "123 W 42nd St 4B"],
    "100 5thavenue - -": ["100 5th Ave", "100 Fifth Avenue"],
    "5 northmainstreet - -": ["5 N Main St", "5 North Main Street", "5 N. Main St."],
    "5 mainstreetnorthwest - -": ["5 Main St NW", "5 Main Street Northwest"],
    "12 nstreetnorthwest - -": ["12 N St NW"],
    "12 highway50 - -": ["12 Highway 50", "12 Hwy 50"],
    "123half mainstreet - -": ["123 1/2 Main St"],
    "34-12 30thavenue - -": ["34-12 30th Ave"],
    "5 mainstreet level_2 -": ["5 Main St, 2nd Floor", "5 Main St Fl 2", "2nd Floor, 5 Main St"],
    "1 sunsetboulevard 500 -": ["1 Sunset Blvd, Suite 500", "1 Sunset Boulevard Ste 500", "1 Sunset Blvd. STE. 500"],
}  # fmt: skip
BRITAIN = {
    "12 highstreet 2 -": ["Flat 2, 12 High Street", "Flat 2 12 High St", "12 High Street, Flat 2"],
    "12 highstreet 2/1 -": ["Flat 2/1, 12 High Street"],
    "12 highstreet level_g -": ["Ground Floor Flat, 12 High Street"],
    "rosecottage highstreet - -": ["Rose Cottage, High Street", "Rose Cottage, High St"],
    "7 birchgrove - -": ["7 Birch Gr", "7 Birch Grove"],
}
CANADA = {
    "345 mainstreet 1204 -": ["1204-345 Main St", "345 Main St, Unit 1204", "#1204 - 345 Main Street"],
    "12-14 mainstreet - -": ["12-14 Main St"],
    "123 ruesaintecatherineouest - -": ["123 rue Ste-Catherine O", "123, rue Sainte-Catherine Ouest"],
}
GERMANY = {
    "5 hauptstrasse - -": ["Hauptstr. 5", "Hauptstraße 5", "Hauptstrasse 5", "Haupt Str. 5", "Haupt-Straße 5",
        "Hauptstr.5"],
    "5a hauptstrasse - -": ["Hauptstr. 5a", "Hauptstr. 5 a", "Hauptstraße 5A"],
    "3 gothestrasse - -": ["Goethestraße 3", "Göthestr. 3", "GOETHESTR. 3"],
    "12-14 karlmarxstrasse - -": ["Karl-Marx-Str. 12-14", "Karl-Marx-Straße 12 - 14", "Karl Marx Str. 12/14"],
    "7 lindenallee - -": ["Lindenallee 7"],
    "1 amalterweg - -": ["Am Alter Weg 1"],
    "2 marktplatz - -": ["Marktplatz 2", "Markt-Platz 2"],
    "135 strassedes17juni - -": ["Straße des 17. Juni 135", "Str. des 17. Juni 135"],
    "5 hauptstrasse level_3 -": ["Hauptstr. 5, 3. OG"],
    "5 hauptstrasse 3 -": ["Hauptstr. 5, Whg. 3", "Hauptstr. 5 Wohnung 3"],
    "- - - po_123456": ["Postfach 12 34 56", "Postfach 123456"],
}  # fmt: skip
AUSTRIA = {"12 hauptstrasse 5 -": ["Hauptstr. 12/5", "Hauptstraße 12 Top 5"]}
FRANCE = {
    "12 ruepaix - -": ["12 rue de la Paix", "12, rue de la Paix", "12 r. de la Paix", "12 RUE DE LA PAIX"],
    "12bis ruepaix - -": ["12 bis rue de la Paix", "12bis, rue de la Paix", "12 bis, r. de la Paix"],
    "12ter ruepaix - -": ["12 ter rue de la Paix"],
    "12b ruelilas - -": ["12 B rue des Lilas", "12b rue des Lilas"],
    "7 avenuegeneralgaulle - -": ["7 av. du Gal de Gaulle", "7 avenue du Général de Gaulle"],
    "3 boulevardsaintmichel - -": ["3 bd St-Michel", "3 boulevard Saint Michel", "3 Bld. St Michel"],
    "4 cheminmoulin - -": ["4 ch. du Moulin", "4 chemin du Moulin"],
    "5 impasselilas - -": ["5 imp. des Lilas", "5, impasse des Lilas"],
    "6 placeeglise - -": ["6 pl. de l'Église", "6 place de l’Eglise"],
    "12 rueeglise 4_block_b -": ["12 rue de l'Église, Bât B, appt 4", "Appt 4, Bât. B, 12 rue de l'Eglise"],
    "- - - po_123": ["BP 123", "B.P. 123", "Boîte postale 123"],
}
BRAZIL = {
    "123 ruaflores - -": ["R. das Flores, 123", "Rua das Flores 123", "Rua das Flores, nº 123",
        "Rua das Flores, n. 123"],
    "123 ruaflores 12_block_b -": [
        "Rua das Flores, 123, apto 12 bloco B", "R. das Flores 123 Apto. 12 Bl. B",
        "Rua das Flores, 123 - ap 12, bloco b",
    ],
    "1578 avenidapaulista - -": ["Av. Paulista, 1578", "Avenida Paulista 1578"],
    "45 alamedasantos - -": ["Al. Santos, 45", "Alameda Santos, 45, Jardins"],
    "12 travessasaojoao - -": ["Tv. São João, 12", "Travessa S. João 12"],
    "45 rua7setembro - -": ["Rua 7 de Setembro, 45", "R. 7 de Setembro 45"],
    "100 rua25marco level_3 -": ["Rua 25 de Março, 100 - 3º andar"],
    "1500 rodoviaanhanguera - -": ["Rod. Anhanguera, 1500", "Rodovia Anhanguera 1500"],
    "- rodoviabr101 - -": ["Rod. BR 101, km 5", "Rodovia BR-101"],
    "- - - po_123": ["Caixa Postal 123", "Cx. Postal 123"],
}  # fmt: skip
ELSEWHERE = {
    "ES": {
        "5 callemayor - -": ["C/ Mayor 5", "Calle Mayor, 5", "C. Mayor, nº 5"],
        "2 plazasol - -": ["Pza. del Sol, 2"],
    },
    "IT": {"12 vialemonza - -": ["V.le Monza 12", "Viale Monza, 12"], "3 viaroma - -": ["Via Roma 3"]},
    "NL": {"12 kerkstraat - -": ["Kerkstr. 12", "Kerkstraat 12"], "12 kerkstraat 2 -": ["Kerkstraat 12-2"]},
    "PL": {"5 dluga - -": ["Długa 5"]},
}
COUNTRIES = {
    "AU": AUSTRALIA, "NZ": {"12 highstreet 3 -": ["3/12 High St", "Flat 3, 12 High Street"]}, "US": AMERICA,
    "GB": BRITAIN, "CA": CANADA, "DE": GERMANY, "AT": AUSTRIA, "FR": FRANCE, "BR": BRAZIL, **ELSEWHERE,
}  # fmt: skip
WRITTEN = [
    (country, written, form) for country, forms in COUNTRIES.items() for form, ways in forms.items() for written in ways
]


@pytest.mark.parametrize(("country", "written", "form"), WRITTEN)
def test_a_line_is_read_as_its_country_writes_it(country: str, written: str, form: str) -> None:
    assert read(written, country) == form


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("Hauptstr. 5", "5 hauptstrasse - -"),
        ("12 rue de la Paix", "12 ruepaix - -"),
        ("Rua das Flores, 123", "123 ruaflores - -"),
        ("12 High St", "12 highstreet - -"),
    ],
)
def test_without_a_country_the_words_tell_the_language(written: str, form: str) -> None:
    assert read(written, "") == form


@pytest.mark.parametrize(
    "written",
    [
        "5 High St, Richmond VIC 3121",
        "5 High St, Richmond",
        "5 High St Richmond",
        "5 High St, VIC, 3121",
        "Richmond, 5 High St",
    ],
)
def test_what_other_fields_say_again_is_no_part_of_the_street(written: str) -> None:
    assert at(written, "Richmond", "3121", state="VIC").street == "highstreet"


@pytest.mark.parametrize(
    ("country", "written", "code"),
    [
        ("US", "02139-4307", "02139"), ("US", "021394307", "02139"), ("US", "2139", "02139"), ("", "02139-4307",
        "02139"),
        ("GB", "SW1A 1AA", "sw1a1aa"), ("GB", "sw1a1aa", "sw1a1aa"), ("CA", "K1A 0B1", "k1a0b1"), ("CA",
        "k1a-0b1", "k1a0b1"),
        ("BR", "01310-100", "01310100"), ("BR", "1310100", "01310100"), ("DE", "D-10115", "10115"), ("DE", "1067",
        "01067"),
        ("FR", "F 75001", "75001"), ("AU", "800", "0800"), ("AU", " 3121 ", "3121"), ("CH", "CH-8000", "8000"),
        ("NL", "1012 AB", "1012ab"), ("JP", "〒100-0001", "1000001"),
    ],
)  # fmt: skip
def test_a_postcode_has_one_form(country: str, written: str, code: str) -> None:
    assert at(postcode=written, country=country).postcode == code


@pytest.mark.parametrize(
    ("country", "ways"),
    [
        ("AU", ["St Kilda", "Saint Kilda", "ST. KILDA"]), ("AU", ["Mt Eliza", "Mount Eliza"]),
        ("DE", ["Köln", "Koeln", "Koln"]), ("DE", ["Frankfurt (Main)", "Frankfurt/Main"]),
        ("FR", ["Paris", "PARIS 12", "Paris Cedex 09", "Paris 12e"]), ("FR", ["Saint-Étienne", "St Etienne"]),
        ("BR", ["São Paulo", "SAO PAULO"]),
    ],
)  # fmt: skip
def test_a_city_has_one_form(country: str, ways: list[str]) -> None:
    assert len({at(city=written, country=country).city for written in ways}) == 1


def test_an_address_that_says_nothing_has_no_form() -> None:
    assert form_of(Address()) is None
    assert form_of(Address(street=" , ", state="VIC")) is None


def test_a_country_alone_is_kept_but_has_nothing_to_compare() -> None:
    assert at(country="NZ").country == "NZ"


def test_a_line_without_end_is_read_only_at_its_start() -> None:
    assert at("12 High Street" + ", somewhere" * 10_000, "K" * 10_000, "1" * 10_000).house == "12"
