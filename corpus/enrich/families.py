"""Publisher families: addresses that one publisher registered. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

_SECOND_LEVEL = frozenset(("co", "com", "org", "net", "gov", "ac", "edu", "gouv", "asso"))


def registered_domain(url: str) -> str:
    """The domain under which a publisher is registered, by the usual shape of names ("www.bbc.co.uk" -> "bbc.co.uk");
    an IP address stays as it is, and "" is what has no host."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    labels = host.split(".")
    if len(labels) < 3 or labels[-1].isdigit() or ":" in host:
        return host
    wide = 3 if labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2
    return ".".join(labels[-wide:])


def voices(articles: list[tuple[str, str]]) -> int:
    """How many publishers speak for themselves in (group of copies, URL) pairs: copies of one text count once, and so do all
    sites of one family. One wire story in twelve papers is one voice."""
    heads: dict[str, str] = {}

    def find(key: str) -> str:
        while heads.setdefault(key, key) != key:
            key = heads[key]
        return key

    for group, url in articles:
        heads[find(f"domain {registered_domain(url)}")] = find(f"group {group}")
    return len({find(f"group {group}") for group, _ in articles})
