"""Decides who may post to the webhooks: headers and body into nothing, or the reason why not. No I/O.

Bearer and Basic as every Grafana and Alertmanager can send them; Grafana's HMAC (12.0 and newer) on top.
Source: Grafana docs, "Webhook notifier", HMAC signature; test vectors in tests/web/test_credentials.py.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

SIGNATURE_HEADER = "X-Grafana-Alerting-Signature"
TIMESTAMP_HEADER = "X-Grafana-Alerting-Timestamp"
_WINDOW = timedelta(minutes=5)
# A signature that is older is refused anyway; the clocks need not agree.
REMEMBERED = 2 * _WINDOW
_REMEMBERED_SIGNATURES = 10_000


class Credentials:
    """Checks a request against what is configured; every comparison takes constant time."""

    def __init__(self, *, token: str = "", user: str = "", password: str = "", hmac_secret: str = "") -> None:
        self._expected = [f"Bearer {token}"] if token else []
        if user and password:
            self._expected.append("Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())
        self._hmac_secret = hmac_secret.encode()
        self._seen: OrderedDict[str, datetime] = OrderedDict()

    @property
    def configured(self) -> bool:
        """Whether anything is asked for at all; if not, only this machine may be listened to."""
        return bool(self._expected or self._hmac_secret)

    def problem(self, headers: Mapping[str, str], body: bytes, at: datetime) -> str | None:
        """Say what is wrong with a request's credentials, None if nothing is."""
        signer = self.signer(headers)
        if signer:
            signer.update(body)
        return self.header_problem(headers) or self.signature_problem(headers, signer, at)

    def header_problem(self, headers: Mapping[str, str]) -> str | None:
        """Say what is wrong with what is known before the body has been read."""
        if self._expected:
            given = _normal(headers.get("Authorization", "")).encode("utf-8", "replace")
            # No short cut: the time taken must not tell which of the two was nearly right.
            hits = [hmac.compare_digest(given, _normal(expected).encode()) for expected in self._expected]
            if not any(hits):
                return "is missing or wrong"
        return None

    def signer(self, headers: Mapping[str, str]) -> hmac.HMAC | None:
        """Return what the whole body has to go through, if bodies are signed."""
        if not self._hmac_secret:
            return None
        stamp = headers.get(TIMESTAMP_HEADER, "").encode("utf-8", "replace")
        return hmac.new(self._hmac_secret, stamp + b":", hashlib.sha256)

    def signature_problem(self, headers: Mapping[str, str], signer: hmac.HMAC | None, at: datetime) -> str | None:
        """Say what is wrong with the signature of a body that has gone through the signer."""
        if signer is None:
            return None
        signature = headers.get(SIGNATURE_HEADER, "").lower()
        stamp = headers.get(TIMESTAMP_HEADER, "")
        if not signature or not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
            return f"lacks {SIGNATURE_HEADER} or {TIMESTAMP_HEADER}"
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), signer.hexdigest().encode()):
            return "has a wrong signature"
        if abs(at.timestamp() - int(stamp)) > _WINDOW.total_seconds():
            return "has a signature that is older than 5 minutes"
        if self._replayed(signature, at):
            return "has a signature that was used before"
        return None

    def remember(self, signatures: Iterable[tuple[str, datetime]]) -> None:
        """Take signatures for used that an earlier process has taken bodies with."""
        for signature, at in signatures:
            self._seen[signature.lower()] = at

    def forget(self, signature: str | None) -> None:
        """Allow a signature again whose body could not be stored; it will be sent once more."""
        self._seen.pop((signature or "").lower(), None)

    def _replayed(self, signature: str, at: datetime) -> bool:
        while self._seen and (
            len(self._seen) > _REMEMBERED_SIGNATURES or at - next(iter(self._seen.values())) > REMEMBERED
        ):
            self._seen.popitem(last=False)
        if signature in self._seen:
            return True
        self._seen[signature] = at
        return False


def _normal(header: str) -> str:
    """Write the scheme as we do: HTTP does not distinguish `bearer` from `Bearer`."""
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() == "basic":
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            return ""
    return f"{scheme.capitalize()} {value.strip()}"
