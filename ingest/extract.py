"""Page -> what an article is made of: title, text with its structure, author, date, language, walls and opt-outs."""

from __future__ import annotations

import codecs
import html
import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import trafilatura
from trafilatura.settings import use_config
from trafilatura.xml import xmltotxt

from corpus.enrich.families import registered_domain
from corpus.models import ArticleStatus
from ingest.page_bounds import linked_data, shortened, too_much_markup
from ingest.structure import Kinds, kinds_of_blocks
from ingest.urls import canonical_url

# trafilatura tells of every odd page at warning level; what comes of a page is this project's outcome to report.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("htmldate").setLevel(logging.CRITICAL)

LONGEST_FIELD = 10_000
"""Characters of a title or a name that are looked at."""
LEAST_CHARACTERS = 120
"""A page with less text than this is no article."""
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]+)", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([a-zA-Z0-9_:.-]+)", re.IGNORECASE)
_META = re.compile(r"<meta\b[^<>]{1,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-zA-Z:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_LINK = re.compile(r"<link\b[^<>]{1,2000}>", re.IGNORECASE)
_CANONICAL = re.compile(r"\brel\s*=\s*[\"']?canonical\b", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^<>]{0,500}>", re.IGNORECASE)
_BOT_WALL = re.compile(
    r"(?:verify(?:ing)? (?:that )?you are (?:a )?human|checking your browser|enable javascript and cookies to continue|"
    r"are you a robot|access (?:to this page has been )?denied|captcha|vérifi\w+ que vous êtes (?:un )?humain|"
    r"just a moment\.\.\.|unusual traffic)",
    re.IGNORECASE,
)
_PAYWALL = re.compile(
    r"(?:article réservé aux abonnés|réservé à nos abonnés|il vous reste [\d,]+ ?% de cet article|"
    r"abonnez-vous pour lire|la suite est réservée|subscribe to (?:continue|read)|this article is for subscribers|already a "
    r"subscriber\?|to continue reading)",
    re.IGNORECASE,
)
# What consent pages say, in groups: three of them make one, since articles about cookies exist too.
_CONSENT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"respect\w* (?:de )?votre vie privée|(?:value|respect|care about) your privacy|avant de continuer|before you continue",
        r"(?:nos|our) (?:\d+ )?(?:partenaires|partners)|\d+ (?:partenaires|partners|vendors)",
        r"(?:tout )?accepter.{0,80}?refuser|continuer sans accepter|accept (?:all|cookies).{0,80}?(?:reject|manage|decline)",
        r"cookies?\b|traceurs",
        r"(?:gér\w+|paramétr\w+|manage|customi[sz]e) (?:\w+ )?(?:choix|préférences|choices|preferences|settings|cookies)",
        r"intérêts? légitimes?|legitimate interests?|annonces et (?:le |du )?contenus? personnalisés|personnaliser les annonces|"
        r"personali[sz]ed (?:ads|advertising)|droit d.opposition",
    )
)
_QUOTATION = re.compile(r"<q(?:\s[^<>]{0,500})?>", re.IGNORECASE)
_QUOTATION_END = re.compile(r"</q\s{0,9}>", re.IGNORECASE)
_FRENCH = re.compile(r"<html\b[^<>]{0,500}\blang\s{0,9}=\s{0,9}[\"']?fr\b", re.IGNORECASE)
_UNPRINTED = re.compile(r"[\x00-\x08\x0a-\x1f]")
_SUFFIX = re.compile(r"\s+[|–—-]\s+[^|–—]{2,40}$")
_CONFIG = use_config()
_CONFIG.set("DEFAULT", "EXTRACTION_TIMEOUT", "0")


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """What a page says. ``text`` is plain, a block a paragraph; ``published`` None when it names no date."""

    title: str
    text: str
    author: str
    published: datetime | None
    language: str
    canonical: str
    site_name: str
    status: ArticleStatus
    reason: str = ""
    shown: datetime | None = None
    """A date that only the address or the page's markup shows: the last to be believed."""
    kinds: Kinds | None = None
    """What each block of the text is, as far as it could be told."""


def decode_page(content: bytes, content_type: str = "") -> str:
    """A page's bytes as text, by BOM, header, meta element, UTF-8, windows-1252 (WHATWG, encoding sniffing)."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace")
    named = [m.group(1) for m in [_HEADER_CHARSET.search(content_type)] if m]
    named += [m.group(1).decode("ascii") for m in [_CHARSET.search(content[:4096])] if m]
    for name in [*named, "utf-8"]:
        # The web's label for both is windows-1252, which has the typographic quotes.
        label = (
            "cp1252"
            if name.lower().replace("_", "-") in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii")
            else name
        )
        try:
            return content.decode(label)
        except (UnicodeError, LookupError):  # "idna" and "undefined" are codecs too, and fail in ways of their own
            continue
    return content.decode("cp1252", "replace")


def extract_page(content: bytes, url: str, headers: Mapping[str, str]) -> ExtractedPage:
    """What an answer's body says, never an exception: a page without an article has the status and reason for it."""
    if not content.strip():
        return _nothing("an empty page")
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04")):
        return _nothing("not a text page")
    page = decode_page(content, headers.get("content-type", "")).replace("\x00", "")
    if too_much_markup(page):
        return _nothing("more markup than an article has")
    parsed, blocks = linked_data(page)
    metas, linked = _metas(page), list(_linked_objects(blocks))
    document = _read(_with_quotation_marks(parsed), url)
    if document is None:
        if wall := _wall("", re.sub(r"<[^<>]{0,500}>", " ", page[:50_000]), page, url):
            return no_access(wall)
        return _nothing("no article text on the page")
    title = _title(document.title or "", metas, linked, page)
    whole = tidy_text(document.text or "")
    kinds = _kinds(document.body, whole)
    text = _without_title(whole, title)
    if kinds and text is not whole:
        kinds = kinds[1:]
    text = shortened(text)
    status, reason = _standing(text, f"{title}. {text}", page, metas, linked, headers, url)
    return ExtractedPage(
        title=title,
        text=text,
        author=_clean(document.author or ""),
        published=_published(metas, linked),
        shown=read_moment(document.date or ""),
        language=_declared_language(page, metas, headers),
        canonical=_canonical(page, url),
        site_name=_clean(metas.get("og:site_name", "") or _publisher(linked)),
        status=status,
        reason=reason,
        kinds=kinds,
    )


def opts_out(page_or_headers: Mapping[str, str], page: bytes = b"") -> bool:
    """Whether a publisher reserves text and data mining (TDM Reservation Protocol; X-Robots-Tag or meta: noai)."""
    if page_or_headers.get("tdm-reservation", "").strip() == "1":
        return True
    if re.search(r"\bnoai\b", page_or_headers.get("x-robots-tag", ""), re.IGNORECASE):
        return True
    metas = _metas(page[:200_000].decode("utf-8", "replace")) if page else {}
    robots = metas.get("robots", "")
    return metas.get("tdm-reservation", "").strip() == "1" or bool(re.search(r"\bnoai\b", robots, re.IGNORECASE))


def _read(page: str, url: str) -> Any:
    try:
        return trafilatura.bare_extraction(
            page,
            url=url,
            include_comments=False,
            include_tables=True,
            deduplicate=False,
            with_metadata=True,
            # Not the extensive search, which takes any number of the text for a year: a date is never invented.
            date_extraction_params={"extensive_search": False, "original_date": True},
            config=_CONFIG,
        )
    except Exception:
        # Hostile and broken markup breaks parsers in ways that no list exhausts; the page is then one without an article.
        return None


def _kinds(tree: Any, text: str) -> Kinds | None:
    try:
        return kinds_of_blocks(tree, text, lambda marked: tidy_text(xmltotxt(marked, False)))
    except Exception:
        # A text is worth more than what is known of its blocks; see _read.
        return None


def _with_quotation_marks(page: str) -> str:
    """The page with the marks that browsers show around a <q>; the extractor would make a paragraph of it."""
    opened, closed = ("« ", " »") if _FRENCH.search(page[:5000]) else ("“", "”")
    return _QUOTATION_END.sub(closed, _QUOTATION.sub(opened, page))


def _without_title(text: str, title: str) -> str:
    """The text without the headline that some pages put into it."""
    first, _, rest = text.partition("\n\n")
    return rest if rest and " ".join(first.split()) == " ".join(title.split()) else text


def tidy_text(text: str) -> str:
    """Lines without white space around, control characters and empty lines away, one blank line between blocks."""
    lines = (_UNPRINTED.sub("", line).strip() for line in text.splitlines())
    return "\n\n".join(line for line in lines if line).encode("utf-8", "ignore").decode()


def _nothing(reason: str, status: ArticleStatus = "summary") -> ExtractedPage:
    return ExtractedPage("", "", "", None, "", "", "", status, reason)


def no_access(reason: str) -> ExtractedPage:
    """A page that a wall hides, whatever of it is shown."""
    return _nothing(reason, "walled")


def _wall(text: str, said: str, page: str, url: str) -> str:
    """The wall that stands in the place of an article, "" when none does; ``said`` is what there is to read."""
    if len(text) >= 1500:
        return ""
    if _BOT_WALL.search(page[:20_000]):
        return "a bot wall"
    consent = sum(bool(pattern.search(said)) for pattern in _CONSENT)
    asks = "://consent." in url or consent >= 3
    return "a consent wall" if asks else ""


def _standing(
    text: str,
    said: str,
    page: str,
    metas: Mapping[str, str],
    linked: list[dict[str, Any]],
    headers: Mapping[str, str],
    url: str,
) -> tuple[ArticleStatus, str]:
    """Whether the text is the article, or what a wall or an opt-out left of it, and why."""
    if opts_out(headers) or metas.get("tdm-reservation", "").strip() == "1":
        return "opted-out", "the publisher reserves text and data mining"
    if re.search(r"\bnoai\b", metas.get("robots", ""), re.IGNORECASE):
        return "opted-out", "the publisher reserves text and data mining"
    if wall := _wall(text, said, page, url):
        return "walled", wall
    closed = any(str(item.get("isAccessibleForFree", "")).lower() == "false" for item in linked)
    tier = metas.get("article:content_tier", "").lower()
    # A publisher that marks the article as closed may still send all of it: length tells.
    if len(text) < 2500 and (closed or tier in ("locked", "metered") or _PAYWALL.search(page)):
        return "walled", "a paywall"
    if len(text) < LEAST_CHARACTERS:
        return "summary", "no article text on the page"
    return "full", ""


def _metas(page: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in _META.findall(page[:300_000]):
        pairs = {name.lower(): html.unescape(a or b) for name, a, b in _ATTRIBUTE.findall(tag)}
        name = (pairs.get("property") or pairs.get("name") or pairs.get("itemprop") or "").lower()
        if name and "content" in pairs:
            found.setdefault(name, pairs["content"])
    return found


def _linked_objects(blocks: list[str]) -> Iterator[dict[str, Any]]:
    """Every object of a page's JSON-LD, nested ones included, as far as it can be read."""
    for block in blocks:
        try:
            waiting = [json.loads(html.unescape(block) if "&quot;" in block else block, strict=False)]
        except (ValueError, RecursionError):
            continue
        for _ in range(500):
            if not waiting:
                break
            item = waiting.pop()
            if isinstance(item, list):
                waiting += item[:100]
            elif isinstance(item, dict):
                yield item
                waiting += [value for value in item.values() if isinstance(value, dict | list)]


def _title(found: str, metas: Mapping[str, str], linked: list[dict[str, Any]], page: str) -> str:
    headline = next((str(item["headline"]) for item in linked if isinstance(item.get("headline"), str)), "")
    chosen = _clean(headline) or _clean(metas.get("og:title", "")) or _clean(found)
    if not chosen:
        match = _TITLE.search(page[:100_000])
        chosen = _SUFFIX.sub("", _clean(page[match.end() : match.end() + 1000].partition("</")[0])) if match else ""
    return chosen[:500]


def _clean(text: str) -> str:
    # No-break spaces are the publisher's typography and stay.
    return re.sub(r"[ \t\r\n\f\v]+", " ", re.sub(r"<[^<>]*>", " ", html.unescape(text[:LONGEST_FIELD]))).strip()


def _publisher(linked: list[dict[str, Any]]) -> str:
    for item in linked:
        publisher = item.get("publisher")
        if isinstance(publisher, dict) and isinstance(publisher.get("name"), str):
            return str(publisher["name"])
    return ""


def _published(metas: Mapping[str, str], linked: list[dict[str, Any]]) -> datetime | None:
    stated = [str(item["datePublished"]) for item in linked if isinstance(item.get("datePublished"), str)]
    stated += [
        metas[n] for n in ("article:published_time", "datepublished", "date", "dc.date", "pubdate") if n in metas
    ]
    return next((moment for value in stated if (moment := read_moment(value)) is not None), None)


def read_moment(value: str) -> datetime | None:
    """An ISO 8601 moment as aware UTC; a bare date is its midnight. None when it is none, or out of any news' range."""
    try:
        moment = datetime.fromisoformat(value.strip())
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year >= 1990 else None


def trusted_date(candidates: list[datetime | None], now: datetime) -> datetime | None:
    """The first date that is not in the future (a day's grace for time zones): a date is never invented."""
    return next((d for d in candidates if d is not None and d <= now + timedelta(days=1)), None)


def _declared_language(page: str, metas: Mapping[str, str], headers: Mapping[str, str]) -> str:
    match = re.search(r"<html\b[^>]*\blang\s*=\s*[\"']?([a-zA-Z-]{2,12})", page[:5000], re.IGNORECASE)
    return (match.group(1) if match else metas.get("og:locale", "") or headers.get("content-language", "")).lower()


def _canonical(page: str, url: str) -> str:
    """The page's own name for itself, believed within its registered domain; a home page names no article."""
    link = next((tag for tag in _LINK.findall(page[:300_000]) if _CANONICAL.search(tag)), "")
    href = re.search(r"href\s*=\s*[\"']?([^\"'\s>]+)", link, re.IGNORECASE)
    address = canonical_url(html.unescape(href.group(1)), url) if href else ""
    if not address or registered_domain(address) != registered_domain(url):
        return ""
    path = address.partition("://")[2].partition("/")[2]
    return address if path.strip("/") else ""
