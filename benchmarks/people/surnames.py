"""Last names by culture: well-known ones first, then a long tail made of syllables so that rarity is as it is."""

from __future__ import annotations

from functools import cache
from itertools import product
from random import Random

from benchmarks.people.draw import Pools, pools

_KNOWN = (
    """Smith Jones Williams Brown Wilson Taylor Johnson White Martin Anderson Thompson Thomas Walker Harris Lee Ryan
    Robinson Kelly King Davis Wright Evans Roberts Green Hall Wood Jackson Clarke Clark Hill Scott Young Mitchell
    Cooper Baker Carter Morris Turner Murphy Cook Edwards Lewis Allen Moore Watson Phillips Parker Campbell Collins
    Bell Stewart Morgan Bailey Adams Miller Rogers Reid Ward Hughes Marshall Davies Cox Bennett James Simpson Murray
    O'Brien O'Connor O'Neill McDonald McKenzie McCarthy Gray Shaw Russell Kennedy Graham Ross Hamilton Henderson
    Webb Palmer Mason Hunt Holmes Rose Fraser Grant Burns Butler Ellis Fisher Foster Gibson Harvey Howard Hart Jenkins
    Knight Lawson Lloyd Nelson Owen Pearce Perry Porter Price Quinn Richards Sullivan Stone Walsh Wells West Wallace""",
    """Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf
    Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Krause Lehmann Köhler Maier
    Herrmann König Walter Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Vogel Keller Günther Böhm""",
    """Silva Santos Oliveira Souza García Rodríguez Fernández López Martínez Sánchez Pérez Gómez Pereira Lima Costa
    Ferreira Almeida Carvalho Ribeiro Alves González Ruiz Díaz Moreno Álvarez Muñoz Romero Gutiérrez Torres Ramírez
    Araújo Barbosa Rocha Gonçalves Conceição Magalhães Nuñez Peña Ibáñez Castro Vargas Mendoza Ortega Delgado""",
    """Singh Kumar Sharma Patel Gupta Kaur Shah Reddy Mehta Joshi Verma Agarwal Rao Nair Iyer Khan Das Desai Mishra
    Pillai Menon Chopra Kapoor Malhotra Bhatia Chatterjee Mukherjee Banerjee Krishnan Naidu Gill Sandhu""",
    """Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Zheng Liang Xie Song Tang Deng
    Han Feng Cao Peng Zeng Xiao Tian Dong Pan Yuan Cai Jiang Yu Du Ye Cheng Wei Su Lu Ding Ren Shen Yao Fan Wong Chan
    Lam Cheung Ng Leung Lau Ho Cheng Kwok Tan Lim Goh Teo Ong Koh Chua""",
    """Nguyen Tran Le Pham Huynh Hoang Phan Vu Vo Dang Bui Do Ho Ngo Duong Ly Dinh Truong Lam Trinh Mai Dao Doan Luu Ta
    Cao Chau Thai Quach La""",
)
_PARTS = (
    (
        """Ash Birch Black Brad Bram Brent Brook Burn Cald Carl Chal Clay Cliff Cor Cran Crom Dal Dar Den Dray Dun El
        Far Fen Field Glen Gold Gran Hal Har Hath Hazel Hay Hol Horn Kel Ken Kirk Lang Leigh Lin Lock Mar Mead Mer Mill
        Mor Nor Oak Old Pen Pick Rad Ray Red Rock Rom Row Ship Stan Stock Sut Thorn Til Tren Wake Wal War West Whit
        Wil Win Wood Wy Yar Ald Ashen Bain Bar Bas Beck Bex Blen Bos Brock Buck Cad Cas Chil Chor Cole Corn Cud Dod Dor
        Dul Ed Eg Ever Fal Faw Fos Gar Gos Green Gris Had Ham Har Head Hen Hex Hod Hux Ing Jes Kil Lam Led Lil Lud Lyn
        Mans Max Mid Mun Net Ox Pad Pem Pol Rams Rip Sed Shel Skel Stam Sten Tad Tam Thur Trow Ulver Wad Wex Whar""",
        "- er en ing le",
        """ford ton ley ham bury worth well wick land wood field man stead combe by den gate shaw cott more ridge brook
        more side croft bridge dale son hurst thorpe holm ney stone marsh water bank moor leigh""",
    ),
    (
        """Stein Berg Wald Eich Linden Roth Schwarz Weiß Alt Neu Ober Nieder Kirch Hof Feld Brunn Bach Holz Eisen Gold
        Silber Korn Hopf Raben Falken Hirsch Wolf Bär Böck Dür Grün Hüb Kröt Mühl
        Acker Birk Buch Dorn Ebel Fink Gras Hagen Heid Jäger Kiesel Lauter Moos Reh Sand Tann""",
        "- en els er",
        """mann bauer müller meier berger hauer huber stein feld bach wald hofer maier schmidt lein ner ert hardt inger
        ler meister reuter weber ried dorf kamp brink beck brecht horn""",
    ),
    (
        "Al Ar Bar Bel Cal Cam Car Cor Del Fer Gal Gar Her Lar Lo Mal Mar Mon Mor Na Or Pa Per Qui Ri Sal San Se Tor",
        "- ve ta ra ni ba do ce",
        "ales edo ano eira ado inho ães osa uela ero ada alho ez ino anda aga uez oso iz eiro ona eda",
    ),
    (
        """Bala Chandra Deva Gopal Govinda Hari Jaga Kali Krishna Madha Maha Nara Para Prabha Rama Ranga Shiva Sri Venka
        Aru Bhaga Damo Ganga Guru Indra Jaya Kama Laksha Mani Naga Pura Raghu Sada Soma Surya Thiru Vasu Vish Yoga""",
        "- na va ra sa",
        "murthy swamy nathan raj raman reddy rajan mani kumar das prasad lingam appa wala kar dhar pal vel moorthy esh",
    ),
)
_TAILS = (27_000, 5_600, 5_200, 3_700)


@cache
def surnames() -> Pools:
    """One pool for each culture, in the order of `given_names.CULTURES`."""
    lists = [known.split() for known in _KNOWN]
    for parts, count, found in zip(_PARTS, _TAILS, lists, strict=False):
        found += _tail(parts, count, set(found))
    return pools(lists, exponent=0.85, shift=8)


def _tail(parts: tuple[str, str, str], count: int, known: set[str]) -> list[str]:
    starts, middles, ends = (part.split() for part in parts)
    made = dict.fromkeys((a + b + c).replace("-", "", 1) for a, b, c in product(starts, middles, ends))
    names = [name for name in made if name not in known]
    Random(1).shuffle(names)
    return names[:count]
