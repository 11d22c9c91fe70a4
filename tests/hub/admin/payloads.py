"""What somebody may write who means ill: at least forty ways to become more than text, all of them at once."""

from __future__ import annotations

from tests.hub.admin.test_hostile import MARKUP

MORE = [
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&#x3C;img src=x onerror=alert(1)&#x3E;",
    "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
    "jav&#x09;ascript:alert(1)",
    "java\tscript:alert(1)",
    "\x01javascript:alert(1)",
    "vbscript:msgbox(1)",
    "//evil.example/x",
    "\\\\evil.example\\x",
    "https://evil.example/x",
    "</style><script>alert(1)</script>",
    "expression(alert(1)); background:url('javascript:alert(1)')",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</textarea><img src=x onerror=alert(1)>",
    "</bdi></td></table><script>alert(1)</script>",
    "</option></select><img src=x onerror=alert(1)>",
    "{% include '/etc/passwd' %}{{ config }}",
    "\N{FULLWIDTH LESS-THAN SIGN}script\N{FULLWIDTH GREATER-THAN SIGN}alert(1)",
    "\N{MODIFIER LETTER LEFT ARROWHEAD}img src=x onerror=alert(1)\N{MODIFIER LETTER RIGHT ARROWHEAD}",
    "<scr\N{ZERO WIDTH SPACE}ipt>alert(1)</scr\N{ZERO WIDTH SPACE}ipt>",
    "<img\N{NO-BREAK SPACE}src=x\N{LINE SEPARATOR}onerror=alert(1)>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "\N{RIGHT-TO-LEFT OVERRIDE}>tpircs/<)1(trela>tpircs<",
    "\N{RIGHT-TO-LEFT ISOLATE}\N{ARABIC LETTER SAD}<b>",
    "e" + "\N{COMBINING ACUTE ACCENT}" * 60,
    "<a href=x onclick=alert(1)>" + "long " * 400,
]
BROKEN = ["<img src=x\x00 onerror=alert(1)>", "\ud800<script>alert(1)</script>", "<script\udfff>alert(1)</script>"]
"""What no database takes as it is: only a file can say it, and it is cleaned where it comes in."""

PAYLOADS = [*MARKUP, *MORE]
EVERYTHING = " ".join(PAYLOADS)
