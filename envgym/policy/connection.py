"""Chooses the HTTP client for a server: the lean one where neither TLS nor a proxy is in the way, else aiohttp.

Idle connections are given back after 4 s, before the 5 s after which uvicorn, which vLLM and SGLang run on, closes them under a request
that is on its way.
"""

import urllib.request
from ipaddress import ip_address
from urllib.parse import urlsplit

from envgym.policy.chat_settings import ChatSettings
from envgym.policy.direct_http import DirectSession
from envgym.policy.http_session import HttpSession
from envgym.policy.open_files import allow_many_open_files

CONNECT_S = 30.0
IDLE_S = 4.0


def open_session(settings: ChatSettings, proxy: str | None) -> HttpSession:
    """A session of the running event loop; the caller closes it."""
    allow_many_open_files()
    headers = {
        "authorization": f"Bearer {settings.api_key.get_secret_value()}",
        "content-type": "application/json",
        "user-agent": "envgym",
        **{name.lower(): value.get_secret_value() for name, value in settings.headers.items()},
    }
    lean = settings.base_url.startswith("http:") and proxy is None
    if settings.http_client == "direct" or (settings.http_client == "auto" and lean):
        return DirectSession(settings.base_url, headers, idle_s=IDLE_S, connect_s=CONNECT_S)
    from envgym.policy.aiohttp_session import AiohttpSession  # a tenth of a second that the lean client does without

    return AiohttpSession(settings.base_url, headers, proxy=proxy, idle_s=IDLE_S, connect_s=CONNECT_S)


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for `url`. This machine itself is never asked for through one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host == "localhost" or _is_loopback(host) or urllib.request.proxy_bypass(host):
        return None
    return urllib.request.getproxies().get(parts.scheme)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
