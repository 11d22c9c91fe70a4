"""First names that are forms of one another. A class is written as one line of names, the full form first."""

from __future__ import annotations

_CLASSES = """
abigail abby gail
alexa alex lexi
alexander alex sandy xander
alexandra alex sandra sasha
amanda mandy
andrew andy drew
ann anne anna annie
anthony tony
barbara barb babs
benjamin ben benny
catherine katherine kathryn kate katie kathy cathy cath kat
charles charlie chuck
christine christina chris tina
christopher chris kit
daniel dan danny
david dave davey
deborah debra deb debbie
donald don donny
dorothy dot dottie
douglas doug
edward ed eddie ted ned
eleanor ellie nell nora
elizabeth liz lizzie beth betty eliza libby
emily em emmy
francis frank
frederick fred freddie freddy
gabriel gabe
geoffrey jeffrey geoff jeff
gerald gerry jerry
gregory greg
harold harry hal
harriet harry hattie
henry harry hank
isabella isabelle isabel bella izzy
jacqueline jacqui jackie
james jim jimmy jamie
jennifer jen jenny
jessica jess jessie
john jack johnny
jonathan jon
joseph joe joey
josephine jo josie
joshua josh
kenneth ken kenny
lawrence laurence larry
leonard len lenny
louis lou louie
margaret maggie meg peggy marg
matthew matt
michael mike mick micky
mohammed muhammad mohamed mohammad muhammed
natalie natalia nat
nathaniel nathan nate nat
nicholas nick nicky
nicole nicky
olivia liv livvy
patricia pat patty trish tricia
patrick pat paddy
penelope penny
peter pete
philip phillip phil
rebecca bec becky
richard rick dick richie
robert rob bob bobby robbie
ronald ron
samantha sam
samuel sam sammy
sarah sara sally
stephen steven steve
susan sue susie
suzanne sue suzie
teresa theresa tess terri
theodore ted theo
thomas tom tommy
timothy tim
victoria vicky tori vicki vickie
vincent vince vinnie
virginia ginny
william will bill billy liam
zachary zach zac
"""

_FORMS: dict[str, frozenset[str]] = {}
for _line in _CLASSES.split("\n"):
    for _name in _line.split():
        _FORMS[_name] = _FORMS.get(_name, frozenset()) | frozenset(_line.split())


def forms_of(name: str) -> frozenset[str]:
    """All forms of a first name, itself included: of Kate, Katherine and Kathy; of Pat, Patricia's and Patrick's."""
    return _FORMS.get(name, frozenset())
