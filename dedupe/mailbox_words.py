"""What is known of mailboxes: providers and their rules, role names and placeholders, letters that look alike."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_TAGGED_BY_PLUS = """
gmail.com googlemail.com outlook.com hotmail.com live.com msn.com fastmail.com fastmail.fm proton.me protonmail.com
protonmail.ch pm.me icloud.com me.com mac.com
"""
_TAGGED_BY_HYPHEN = "yahoo.com ymail.com rocketmail.com"
_NATIONAL = re.compile(r"(yahoo|hotmail|live|outlook|gmx|aol|msn)\.(?:com|net|com?\.[a-z]{2}|(?!c[om]\Z)[a-z]{2})\Z")
_OTHER_PROVIDERS = """
gmx.net gmx.com gmx.de gmx.at gmx.ch web.de freenet.de t-online.de arcor.de online.de mail.de email.de posteo.de
mailbox.org 1und1.de kabelmail.de
aol.com mail.com email.com zoho.com inbox.com hushmail.com tutanota.com tuta.io hey.com yandex.ru yandex.com mail.ru
bk.ru list.ru inbox.ru rambler.ru ukr.net
bigpond.com bigpond.net.au bigpond.com.au telstra.com optusnet.com.au optushome.com.au iinet.net.au internode.on.net
tpg.com.au dodo.com.au westnet.com.au adam.com.au iprimus.com.au aapt.net.au exemail.com.au ozemail.com.au
xtra.co.nz slingshot.co.nz orcon.net.nz vodafone.co.nz clear.net.nz paradise.net.nz ihug.co.nz
comcast.net verizon.net att.net sbcglobal.net bellsouth.net charter.net cox.net earthlink.net optonline.net juno.com
netzero.net frontier.com windstream.net roadrunner.com rr.com
btinternet.com btopenworld.com virginmedia.com ntlworld.com blueyonder.co.uk sky.com talktalk.net tiscali.co.uk
plus.com plusnet.com
shaw.ca rogers.com bell.net sympatico.ca telus.net videotron.ca cogeco.ca eastlink.ca
orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr numericable.fr club-internet.fr aliceadsl.fr
cegetel.net
uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com oi.com.br r7.com zipmail.com.br
bluewin.ch hispeed.ch sunrise.ch a1.net chello.at aon.at skynet.be telenet.be proximus.be ziggo.nl kpnmail.nl planet.nl
xs4all.nl home.nl hetnet.nl libero.it virgilio.it tiscali.it alice.it tin.it telefonica.net terra.es sapo.pt
telia.com online.no wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz qq.com 163.com 126.com sina.com naver.com
daum.net hanmail.net rediffmail.com eircom.net singnet.com.sg mweb.co.za telkomsa.net
"""

_ROLES = """
info information sales sale office admin administrator administration contact contacts contactus hello hi hallo hey
support help helpdesk service services customerservice customercare customersupport reception frontdesk accounts account
accounting accountspayable billing invoices invoice finance payroll payments orders order shop store webshop enquiries
enquiry inquiries inquiry mail mailbox post postmaster webmaster hostmaster abuse security privacy legal noreply
donotreply marketing media press news newsletter hr jobs careers recruitment team staff everyone all manager
management director bookings booking reservations reservation events operations purchasing procurement dispatch
warehouse logistics returns feedback web website it itsupport tech root system notifications alerts
kontakt anfrage buchhaltung rechnung rechnungen verwaltung vertrieb verkauf empfang zentrale buero bestellung
bestellungen kundenservice kundendienst bewerbung praxis kanzlei sekretariat einkauf personal mahnung
contato vendas atendimento financeiro comercial suporte faleconosco secretaria recepcao compras cobranca rh sac loja
bureau bonjour accueil commercial comptabilite facturation commande commandes secretariat direction renseignements
serviceclient boutique achats ventes
ventas contacto hola atencion atencionalcliente administracion facturacion pedidos tienda soporte oficina compras
informacion recepcion contabilidad
contatti vendite amministrazione ordini segreteria ufficio commerciale assistenza negozio
verkoop administratie klantenservice boekhouding receptie bestelling facturen
forsaljning kundtjanst ekonomi salg bogholderi faktura kundeservice biuro sprzedaz ksiegowosc zamowienia
"""
_PLACEHOLDERS = """
test tests testing tester testuser none na noemail nomail noaddress nobody noone unknown customer guest user username
client donotemail dontemail x xx xxx xxxx asdf asdfg asdfgh qwerty abc abcd aaa aaaa anonymous anon example sample dummy
fake null nil undefined notprovided notgiven notapplicable nothing noemailprovided nomailprovided refused declined temp
tmp spam trash invalid your yourname youremail name email firstname lastname walkin cashcustomer cash keine keinemail
sansemail sansmail aucun inconnu sinemail sincorreo notiene notem naotem semmail sememail teste prueba cliente client
gast gaest
"""
ROLES = frozenset(_ROLES.split()) | frozenset(_PLACEHOLDERS.split())
"""Local parts, letters only, that stand for a desk or for nobody."""

DESKS = frozenset(role for role in _ROLES.split() if len(role) > 3)
"""Those that are one also with more behind them: info.melbourne, sales-team."""

_EXACT_PROVIDERS = frozenset((_TAGGED_BY_PLUS + _TAGGED_BY_HYPHEN + " " + _OTHER_PROVIDERS).split())
_PLUS, _HYPHEN = frozenset(_TAGGED_BY_PLUS.split()), frozenset(_TAGGED_BY_HYPHEN.split())
GOOGLE = frozenset({"gmail.com", "googlemail.com"})


class Rule(NamedTuple):
    """How a domain delivers: `tag` is the sign that starts an ignored part ("" none), `google` also ignores dots."""

    tag: str
    google: bool
    people: bool


@lru_cache(maxsize=65_536)
def rule_of(domain: str) -> Rule:
    found = _NATIONAL.match(domain)
    family = found[1] if found else ""
    if domain in _HYPHEN or family == "yahoo":
        return Rule("-", False, True)
    if domain in _PLUS or family in ("hotmail", "live", "outlook"):
        return Rule("+", domain in GOOGLE, True)
    return Rule("", False, bool(family) or domain in _EXACT_PROVIDERS)


def domain_of_people(domain: str) -> bool:
    """Is it a provider where anybody may have a mailbox, not a company's own domain?"""
    return rule_of(domain).people


_LOOKALIKES = (
    "аa вb сc ԁd еe ёe һh іi їi јj кk ӏl мm нh пn оo рp ԛq гr ѕs тt ѵv уy ԝw хx ьb зe"
    " αa βb εe ηn ιi κk νv οo ρp σo τt υu χx ωw γy"
    " ıi ȷj ſs ɑa ɡg ɩi ʟl øo łl đd ħh ŧt əe 0o 1l il |l"
)
CONFUSABLE = {ord(pair[0]): pair[1] for pair in _LOOKALIKES.split()}
"""Letters to the plain letter they look like; after it i, l and 1 are l, and 0 is o."""

PLAIN_CONFUSABLE = str.maketrans("01i", "oll")
