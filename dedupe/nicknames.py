"""First names that are forms of one another. A class is written as one line of names, the full form first."""

from __future__ import annotations

_CLASSES = """
alexander alex sandy xander
alexandra alex sandra sasha
andrew andy drew
anthony tony
benjamin ben benny
catherine katherine kathryn kate katie kathy cathy cath kat
charles charlie chuck
christopher chris kit
christine christina chris tina
daniel dan danny
david dave davey
deborah debra deb debbie
edward ed eddie ted ned
elizabeth liz lizzie beth betty eliza libby
francis frank
geoffrey jeffrey geoff jeff
gregory greg
jacqueline jacqui jackie
james jim jimmy jamie
jennifer jen jenny
jessica jess jessie
john jack johnny
jonathan jon
joseph joe joey
joshua josh
kenneth ken kenny
lawrence laurence larry
leonard len lenny
margaret maggie meg peggy marg
matthew matt
michael mike mick micky
nicholas nick nicky
nicole nicky
patricia pat patty trish tricia
patrick pat paddy
peter pete
philip phillip phil
rebecca bec becky
richard rick dick richie
robert rob bob bobby robbie
ronald ron
samuel sam sammy
samantha sam
stephen steven steve
susan sue susie
theodore ted theo
thomas tom tommy
timothy tim
victoria vicky tori
william will bill billy liam
zachary zach zac
"""

_MEMBERS: dict[str, set[int]] = {}
for _number, _line in enumerate(_CLASSES.split("\n")):
    for _name in _line.split():
        _MEMBERS.setdefault(_name, set()).add(_number)


def are_forms_of_one_name(left: str, right: str) -> bool:
    """True for Kate and Katherine, for Bob and Robert; not for Robert and Roberta."""
    return bool(_MEMBERS.get(left, set()) & _MEMBERS.get(right, set()))
