"""Names across spellings and languages: places by one key ("Londres" and "London"), legal forms and titles that add nothing. Pure."""

from __future__ import annotations

# One place or people a line: every form of it in either language, folded, nouns and adjectives alike.
_PLACES = """
london londres londonien londonienne londoniens
germany allemagne german germans allemand allemande allemands allemandes
france french francais francaise francaises
spain espagne spanish spaniards espagnol espagnole espagnols espagnoles
italy italie italian italians italien italienne italiens italiennes
india inde indian indians indien indienne indiens indiennes
china chine chinese chinois chinoise chinoises
japan japon japanese japonais japonaise japonaises
uk britain british britannique britanniques royaume-uni united-kingdom grande-bretagne u.k
us usa american americans americain americaine americains americaines etats-unis united-states united-states-of-america amerique america
ireland irlande irish irlandais irlandaise
sweden suede swedish suedois suedoise
switzerland suisse swiss suisses
netherlands pays-bas dutch neerlandais neerlandaise hollande
belgium belgique belgian belge belges
europe european europeans europeen europeenne europeens europeennes
eu ue european-union union-europeenne
korea coree korean coreen coreenne coreens south-korea coree-du-sud
brazil bresil brazilian bresilien bresilienne
poland pologne polish polonais polonaise
australia australie australian australien australienne
mexico mexique mexican mexicain mexicaine
romania roumanie romanian roumain
turkey turquie turkish turc turque
israel israeli israelien israelienne israeliens
russia russie russian russians russe russes
ukraine ukrainian ukrainians ukrainien ukrainienne ukrainiens
greece grece greek grec grecque
austria autriche austrian autrichien
norway norvege norwegian norvegien
denmark danemark danish danois danoise
finland finlande finnish finlandais
portugal portuguese portugais portugaise
canada canadian canadians canadien canadienne canadiens
taiwan taiwanese taiwanais taiwanaise
singapore singapour singaporean
philippines philippine philippin
vietnam vietnamese vietnamien
thailand thailande thai thailandais
egypt egypte egyptian egyptien
morocco maroc moroccan marocain
algeria algerie algerian algerien
tunisia tunisie tunisian tunisien
south-africa afrique-du-sud
africa afrique african africain africaine africains
asia asie asian asiatique asiatiques
saudi-arabia arabie-saoudite saudi saoudien
iran iranian iranien iranienne
iraq irak iraqi irakien
syria syrie syrian syrien
lebanon liban lebanese libanais
north-korea coree-du-nord
palestine palestinian palestinians palestinien palestiniens
gaza
malaysia malaisie malaysian malaisien
indonesia indonesie indonesian
argentina argentine
colombia colombie
chile chili
peru perou
nigeria nigerian
kenya kenyan
ethiopia ethiopie
pakistan pakistani
luxembourg
croatia croatie
serbia serbie
iceland islande
new-zealand nouvelle-zelande
washington
opec opep
who oms
estonia estonie estonian
hungary hongrie hungarian hongrois
czech czechia tcheque tchequie
slovakia slovaquie
bulgaria bulgarie bulgarian
california californie californian californien
brussels bruxelles
geneva geneve
milan milano
rome roma
venice venise
florence firenze
turin torino
naples napoli
barcelona barcelone
seville sevilla
lisbon lisbonne
vienna vienne
munich munchen
cologne koln
hamburg hambourg
copenhagen copenhague
athens athenes
warsaw varsovie
moscow moscou
kyiv kiev kyïv
beijing pekin
seoul
cairo caire
algiers alger
edinburgh edimbourg
antwerp anvers
ghent gand
hague haye
new-york newyork
hong-kong
silicon-valley
texas texan
florida floride
philadelphia philadelphie
quebec quebecois
montreal
mars
google
meta facebook
paris parisian parisien parisienne parisiens
un onu nations-unies united-nations
nato otan
imf fmi
ilo oit
oecd ocde
wto omc
who oms
ecb bce
fed
ceo pdg
ai ia
gdp pib
gdpr rgpd
cnil
hr rh
llm llms
"""
_ENDINGS = {
    "ien": ("ienne", "iens", "iennes"),
    "ais": ("aise", "aises"),
    "ois": ("oise", "oises"),
    "ain": ("aine", "ains", "aines"),
    "ian": ("ians",),
}


def _inflected(form: str) -> list[str]:
    """A people's name and its feminine and plural forms."""
    more = next((new for old, new in _ENDINGS.items() if len(form) > 5 and form.endswith(old)), ())
    return [form, *(form[:-3] + ending for ending in more)]


_KEY = {
    f: line.split()[0]
    for line in _PLACES.splitlines()
    if line.strip()
    for form in line.split()
    for f in _inflected(form)
}
LEGAL = frozenset(
    "inc incorporated corp corporation co company ltd limited llc llp plc sa sas sarl se ag gmbh nv bv spa ab oy group groupe holding holdings cie compagnie societe".split()
)
"""Legal forms: "Amazon.com, Inc." is Amazon."""
TITLES = frozenset("m mm mr mrs ms mme mlle dr prof pr sir lord lady monsieur madame messrs".split())


def canonical(folded: str) -> str:
    """The one key of a folded name's forms in either language; the name itself where it has no other."""
    return _KEY.get(folded) or _KEY.get(folded.replace(" ", "-")) or folded


def is_place(folded: str) -> bool:
    """Whether a folded word is one of the table's places, peoples or institutions."""
    return folded in _KEY or folded.replace(" ", "-") in _KEY


def initials(words: list[str]) -> str:
    """ "organisation internationale travail" -> "oit"."""
    return "".join(w[0] for w in words if w)
