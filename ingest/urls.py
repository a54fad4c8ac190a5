"""Canonical URLs: one name for one article. Pure.

Scheme and host in lower case, default ports, fragments and tracking parameters away, everything else as the publisher
wrote it (WHATWG URL for joining; the list of tracking parameters is that of the trackers' own documentation).
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

_TRACKING = re.compile(
    r"^(?:utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|mc_cid|mc_eid|_hsenc|_hsmi|mkt_tok|"
    r"vero_id|oly_enc_id|oly_anon_id|xtor|at_medium|at_campaign|at_custom\d|cmpid|ncid|ref_src|ref_url|spm|"
    r"__twitter_impression|wt_mc|piano\w*|pk_campaign|pk_kwd|mtm_\w+)$",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x20\x7f]+")
_NO_HOST = re.compile(r"[\x00-\x20\x7f#/<>?@\\^|]")
"""What no host has (WHATWG URL, forbidden host code points); IDNA makes some of these of other characters."""
LONGEST_URL = 8000
"""Characters of an address (RFC 9110, 4.1, recommends that at least so many octets are supported)."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


def split_web_url(url: str) -> SplitResult | None:
    """The parts of an absolute http(s) URL with a host; None for anything else, whatever it is."""
    try:
        parts = urlsplit(_CONTROL.sub("", url.strip()))
        port_is_number = parts.port is None or parts.port >= 0
    except ValueError:
        return None
    valid = parts.scheme.lower() in _DEFAULT_PORTS and parts.hostname and port_is_number
    return parts if valid else None


def canonical_url(url: str, base: str = "") -> str:
    """The canonical form of a URL, made absolute against ``base``; "" when it is no web address, or a longer one than servers take."""
    if len(url) > LONGEST_URL:
        return ""
    try:
        # Half of a surrogate pair, which JSON can spell, is in no address.
        url = url.strip().encode("utf-8", "ignore").decode()
        joined = urljoin(base, url) if base else url
    except ValueError:
        return ""
    parts = split_web_url(joined)
    if parts is None:
        return ""
    scheme, host = parts.scheme.lower(), authority(parts)
    if not host.strip(".") or _NO_HOST.search(host):
        return ""
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return urlunsplit((scheme, host, path, _query(parts.query), ""))


def authority(parts: SplitResult) -> str:
    """Host, lower-cased and in ASCII form, with the port where it is not the scheme's own."""
    host = (parts.hostname or "").rstrip(".")
    try:
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        host = quote(host)
    host = f"[{host}]" if ":" in host else host
    port = parts.port
    return host if port is None or port == _DEFAULT_PORTS.get(parts.scheme.lower()) else f"{host}:{port}"


def host_key(url: str) -> str:
    """What politeness is counted by: host and port."""
    parts = split_web_url(url)
    return authority(parts) if parts else ""


def _query(query: str) -> str:
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not _TRACKING.match(name)]
    # Written anew only where something was taken out: other servers may mind another spelling.
    return urlencode(kept) if len(kept) != len(pairs) else quote(query, safe="=&%+;/:@!$'()*,?~-._")
