"""SQL that turns a file of person records into the columns the Splink recipe compares; text only, nothing runs here.

What an expert does before the first comparison: trim, lower, strip accents, read "" and placeholders as missing,
take a full name apart, keep the national digits of a phone, drop the tag of an e-mail, and blank what too many
different people share.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

TEXTS = ("first", "last", "whole", "email", "phone", "street", "city", "postcode", "birth", "company", "member")

# Where each column is found in files that are not the generator's. A column absent here is absent from the file.
FAKE_1000 = {"first": "first_name", "last": "surname", "email": "email", "city": "city", "birth": "dob"}
FEBRL = {
    "first": "given_name",
    "last": "surname",
    "street": "concat_ws(' ', street_number, address_1)",
    "city": "suburb",
    "postcode": "postcode",
    "birth": "date_of_birth",
    "member": "soc_sec_id",
}

NOTHING = ("", "-", "--", ".", "?", "n/a", "na", "none", "null", "nil", "unknown", "not provided", "test", "tbc", "xxx")
ROLES = (
    "info|sales|office|admin|contact|support|hello|accounts|billing|mail|email|service|team|enquiries|orders|shop|"
    "reception|no-?reply|no-?email|na|do-?not-?reply|none|test|customer|guest|unknown|webmaster|postmaster|marketing|hr|jobs"
)
NICKNAMES = {
    "alexander": "alex al sandy sasha", "andrew": "andy drew", "anthony": "tony", "benjamin": "ben benny",
    "catherine": "cathy cath kate katie kathy katherine kathryn kat", "charles": "charlie chuck",
    "christopher": "chris kit topher", "daniel": "dan danny", "david": "dave davey", "deborah": "deb debbie",
    "edward": "ed eddie ted ned", "elizabeth": "liz beth lizzie betty eliza lisa", "gregory": "greg",
    "james": "jim jimmy jamie", "jennifer": "jen jenny", "jessica": "jess jessie", "john": "jack johnny jon",
    "jonathan": "jonny nathan", "joseph": "joe joey", "kenneth": "ken kenny", "lawrence": "larry laurie",
    "margaret": "maggie meg peggy marge greta", "matthew": "matt matty", "michael": "mike mick micky mikey",
    "nicholas": "nick nicky", "patricia": "pat patty trish tricia", "patrick": "paddy", "peter": "pete",
    "philip": "phil phillip",
    "rebecca": "becky bec becca", "richard": "rick rich dick ricky", "robert": "rob bob bobby",
    "ronald": "ron ronnie", "samantha": "sam sammy", "samuel": "sammie", "stephen": "steve steven",
    "susan": "sue suzie",
    "theodore": "theo teddy", "thomas": "tom tommy", "timothy": "tim", "victoria": "vicky tori",
    "william": "bill will billy liam willy", "zachary": "zac zach zack", "joshua": "josh", "jacob": "jake",
    "abigail": "abby",
    "alexandra": "lexi alexa", "gabriella": "gabby ella", "isabella": "bella izzy", "nathaniel": "nate nat",
    "frederick": "fred freddie", "francis": "frank frankie", "gerald": "gerry jerry", "henry": "harry hank",
}  # fmt: skip
TITLES = "mr|mrs|ms|miss|mx|dr|prof|sir|dame|rev|herr|frau"
ENDINGS = "jr|sr|ii|iii|iv|phd|md|esq"

# A value held under more different names than this is a switchboard, a family's or a placeholder, and tells nothing.
NAMES_PER_VALUE = 6
# A value held by at most this many records is a block of its own, at any size of file.
BLOCK = 20
SHAREABLE = ("email", "phone", "member")


def adapter(columns: Collection[str]) -> Mapping[str, str]:
    """Gives for each of our columns the SQL that reads it, by the columns of the file."""
    if "soc_sec_id" in columns:
        return FEBRL
    if "dob" in columns:
        return FAKE_1000
    ours = {name: name for name in TEXTS if name in columns}
    return ours | {"whole": '"full"'} if "full" in columns else ours


def raw_sql(path: str, columns: Collection[str]) -> str:
    """Selects `unique_id` (the row's number, from 0) and every one of TEXTS, NULL where the file has no such column."""
    found = adapter(columns)
    texts = ", ".join(f"{_text(found[name]) if name in found else 'NULL::VARCHAR'} AS {name}" for name in TEXTS)
    quoted = path.replace("'", "''")
    return f"SELECT file_row_number AS unique_id, {texts} FROM read_parquet('{quoted}', file_row_number = true)"


def _text(expression: str) -> str:
    words = ", ".join(f"'{word}'" for word in NOTHING)
    tidy = rf"regexp_replace(trim(strip_accents(lower(CAST({expression} AS VARCHAR)))), '\s+', ' ', 'g')"
    return f"CASE WHEN {tidy} IN ({words}) THEN NULL ELSE {tidy} END"


def named_sql(table: str) -> str:
    """Takes the full name apart where the parts are missing, and normalises every other column of `table`."""
    untitled = rf"regexp_replace(whole, '^({TITLES})\.? ', '')"
    return rf"""
    WITH bare AS (
        SELECT * REPLACE (
            trim(regexp_replace({untitled}, ',? ({ENDINGS})\.?$', '')) AS whole,
            regexp_replace(first, ' (&|and) .*$', '') AS first)
        FROM {table}
    ), parts AS (
        SELECT * REPLACE (
            coalesce(first, CASE
                WHEN last IS NOT NULL THEN NULL
                WHEN contains(whole, ',') THEN split_part(trim(split_part(whole, ',', 2)), ' ', 1)
                WHEN contains(whole, ' ') THEN split_part(whole, ' ', 1) END) AS first,
            coalesce(last, CASE
                WHEN first IS NOT NULL THEN NULL
                WHEN contains(whole, ',') THEN split_part(whole, ',', 1)
                ELSE split_part(whole, ' ', -1) END) AS last,
            CASE WHEN regexp_matches(email, '^[^@ ]+@[^@ ]+\.[^@ ]+$') AND NOT regexp_matches(email, '^({ROLES})@')
                THEN regexp_replace(email, '\+[^@]*@', '@') END AS email,
            right(regexp_replace(regexp_replace(phone, '(x|ext).*$', ''), '[^0-9]', '', 'g'), 9) AS phone)
        FROM bare
    )
    SELECT unique_id,
        nullif(regexp_replace(first, '[^a-z]', '', 'g'), '') AS first,
        nullif(regexp_replace(last, '[^a-z]', '', 'g'), '') AS last,
        email,
        CASE WHEN length(phone) >= 7 AND NOT regexp_matches(phone, '^(0+|1+|9+|1?2345678?9?)$') THEN phone END AS phone,
        nullif(trim({_street("street")}), '') AS street,
        nullif(regexp_replace(city, '[^a-z]', '', 'g'), '') AS city,
        nullif(regexp_replace(postcode, '[^a-z0-9]', '', 'g'), '') AS postcode,
        try_strptime(birth, ['%Y-%m-%d', '%Y%m%d', '%d/%m/%Y'])::DATE AS birth,
        nullif(regexp_replace(company, '[^a-z0-9]', '', 'g'), '') AS company,
        nullif(regexp_replace(member, '[^a-z0-9]', '', 'g'), '') AS member
    FROM parts
    """


def _street(column: str) -> str:
    short = {
        "street": "st",
        "road": "rd",
        "avenue": "ave",
        "place": "pl",
        "court": "ct",
        "drive": "dr",
        "lane": "ln",
        "crescent": "cres",
        "parade": "pde",
        "terrace": "tce",
        "close": "cl",
    }
    unit = r"^(unit|flat|apt|apartment|suite|u) ?[0-9]+[a-z]?[,/ ]+|^[0-9]+[a-z]?/| ?#[0-9]+[a-z]?$"
    sql = f"regexp_replace(regexp_replace({column}, '{unit}', '', 'g'), '[^a-z0-9 ]', ' ', 'g')"
    for long, brief in short.items():
        sql = rf"regexp_replace({sql}, '\b{long}\b', '{brief}', 'g')"
    return rf"regexp_replace({sql}, '\s+', ' ', 'g')"


def people_sql(table: str) -> str:
    """Blanks what is popular in `table` and adds the columns that blocking needs."""
    shared = ", ".join(_popular(table, name) for name in SHAREABLE)
    return rf"""
    WITH {shared}, dates AS (
        SELECT birth FROM {table} WHERE birth IS NOT NULL GROUP BY birth
        QUALIFY count(*) > 10 + 10 * avg(count(*)) OVER ()
    ), kept AS (
        SELECT * REPLACE ({", ".join(_blank(name) for name in SHAREABLE)},
            CASE WHEN birth NOT IN (SELECT birth FROM dates) THEN birth END AS birth)
        FROM {table}
    ), keyed AS (
        SELECT *, birth::VARCHAR AS dob, first || ' ' || last AS name, {_formal("first")} AS formal,
            regexp_extract(email, '^([^@]{{5,}})@', 1) AS local
        FROM kept
    )
    SELECT * EXCLUDE (local), {_rare("first")}, {_rare("last")}, {_rare("birth")}, {_rare("name")},
        CASE WHEN NOT regexp_matches(local, '^({ROLES})?[0-9]*$') THEN {_capped("local")} END AS email_local
    FROM keyed
    """


def _formal(column: str) -> str:
    known = [f"WHEN '{short}' THEN '{long}'" for long, shorts in NICKNAMES.items() for short in shorts.split()]
    return f"CASE {column} {' '.join(known)} ELSE {column} END"


def _popular(table: str, name: str) -> str:
    return f"""shared_{name} AS (
        SELECT {name} AS value FROM {table} WHERE {name} IS NOT NULL GROUP BY {name}
        HAVING count(DISTINCT concat_ws(' ', first, last)) > {NAMES_PER_VALUE}
    )"""


def _blank(name: str) -> str:
    return f"CASE WHEN {name} NOT IN (SELECT value FROM shared_{name}) THEN {name} END AS {name}"


def _rare(name: str) -> str:
    return f"{_capped(name)} AS rare_{name}"


def _capped(name: str) -> str:
    return f"CASE WHEN count(*) OVER (PARTITION BY {name}) <= {BLOCK} THEN {name} END"
