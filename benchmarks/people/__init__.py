"""Labelled records of invented people, to measure identity resolution with; and two exact rules to measure against.

    people = generate(100_000, PROFILES["base"], seed=1)
    evaluate(guarded(people), people.truth)

Households (couples, parents and children, a father and a son of one name, twins, flatmates) live in three countries
and leave records in a shop, a newsletter, a help desk and a loyalty programme. They marry, move, change addresses and
telephones; numbers are recycled, mailboxes and landlines shared, firms have role mailboxes, people type placeholders.

The data is fair when the guarded exact rule has a pair F1 of .78 to .86 on `base` at 100,000 records, when equal e-mail
or telephone without guards stays below .15, and when not even a perfect judge of usual candidates reaches 1.

How it differs from reality:

- Mistakes strike independently. A careless person is not careless in every record; a system makes the same mistakes in
  January as in June, and no import ever ruined a whole column.
- A person has at most 12 records, two private addresses by turns, one change of each kind, one employer, one card or
  two. Nobody dies, divorces or has a different name in another alphabet; Chinese, Indian and Vietnamese names are in
  Latin letters, in the order of the West.
- First names know no fashion: a grandmother is as likely a Madison as her granddaughter. Rare last names are made of
  syllables, so that typing errors of two of them meet less often than Smith and Smyth would.
- Towns are few and streets are drawn alike everywhere; postcodes are plausible, not real. Tower blocks and villages of
  one family are missing. Where people live has to do with their telephones only by country,
  with their names not at all.
- Households are at most five people; nobody belongs to two. Sharing of values outside households and firms (schools,
  clubs, agents who book for others) is missing, but for the placeholders.
- Records know no time: which of two values is newer cannot be told from them.
- Telephones are in ranges that by the usual tables no subscriber has (American exchanges 555 and N11, British 071), so
  that nobody is called by a benchmark; but for the placeholders. A check for valid numbers refuses the Australian ones:
  do not send them through a mapping. The ranges are narrow: at a million records three wrong digits in a hundred make
  a number that somebody else has. E-mail addresses end in .test, or are at example.com, .net and .org.

Figures on it are for comparing rules and for catching regressions. They do not foretell those on anybody's own data.
"""

from benchmarks.people.ceiling import ceiling
from benchmarks.people.exact import guarded, unguarded
from benchmarks.people.generate import generate
from benchmarks.people.profile import PROFILES, Life, Noise, Profile
from benchmarks.people.table import People

__all__ = [
    "PROFILES",
    "Life",
    "Noise",
    "People",
    "Profile",
    "ceiling",
    "generate",
    "guarded",
    "unguarded",
]
