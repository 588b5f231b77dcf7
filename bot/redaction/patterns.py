"""Describes what secrets and personal data look like: one table, read from the top.

Sources: the providers' own descriptions of their tokens, and what they look like in logs of Spring, nginx and Kubernetes.
Every quantifier is bounded, so that no line can hold the process up.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv6Address

# Where a token may begin: not inside of a word, but after an escaped line end or an encoded character.
_B = r"(?:(?<![A-Za-z0-9_])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f][0-9A-Fa-f]))"
_NAME = (
    r"(?:passw(?:or)?d|passphrase|passcode|pwd|(?<![A-Za-z])(?:pass|pw|psk|otp|cvv|cvc)(?![A-Za-z])"
    r"|secret(?:[_-]?(?:access)?[_-]?key)?|token|credentials?|(?<![A-Za-z])auth(?==)|(?<![A-Za-z])jwt(?![A-Za-z])"
    r"|(?:api|access|private|preshared|auth|account|shared|encryption|signing|master|license|service|client|db|ssh)"
    r"[_-]?(?:access[_-]?)?key(?:[_-]?id)?|X-Amz-(?:Signature|Credential)|(?<=[?&])sig(?:nature)?"
    r"|비밀번호|패스워드|암호|토큰|시크릿)"
)
_SEPARATOR = r"(?:\\{0,7}[\"'])?\]?[ \t]{0,8}(?::=|=>|={1,2}|:|%3[DdAa])[ \t]{0,8}"
_BARE = (
    r"(?:<[a-z-]{2,40}-\d{1,6}>|\$\{[\w.:-]{0,80}\}|[^\s\"'`,;&)\]}>\\]|\\(?![\"'])|[\"'](?=[A-Za-z0-9])"
    # A delimiter ends the value only where something else begins, because passwords hold delimiters too.
    r"|[,;&)\]}>](?![\s\"'`,;&)\]}>:.\\]|$|[\w.-]{1,40}\\{0,3}[\"']?[=:])){1,2000}+"
)
_VALUE = (
    r"(?:\"(?P<double>(?:\\.|[^\"\\]){1,2000}+)|'(?P<single>(?:\\.|[^'\\]){1,2000}+)"
    rf"|\\{{1,7}}[\"'](?P<escaped>(?:\\{{2,3}}.|[^\"'\\]){{1,2000}}+)|(?P<bare>{_BARE}))"
)
_PAIR = r"[^\s=;,\"'\\<>]{1,100}=[^\s;,\"'\\]{1,4000}"

_HARMLESS = re.compile(
    r"null|none|nil|true|false|undefined|expired|invalid|missing|required|incorrect|wrong|not|is|was|must|has|mismatch|empty"
    r"|ok|failed|failure|denied|exhausted|refresh|bearer|basic|digest|redacted|masked|hidden|unset|unknown|rejected|revoked"
    r"|success|succeeded|\{\}|\?|%[sdv]|만료|만료됨|오류|불일치|없음|필요",
    re.IGNORECASE,
)
# What others (and our own templates of log lines) put in place of a value.
_MASK = re.compile(r"[*#•.x]+|<\*>|\$\{[A-Za-z_][\w.]{0,80}\}|\{\{[^{}]{0,80}\}\}", re.IGNORECASE)
# What may be as short as a number.
_SHORT = re.compile(r"pass|pwd|pw|psk|otp|cv[vc]|비밀|암호|패스")
_WORD = re.compile(r"[A-Za-z]?[a-z]{0,23}")


@dataclass(frozen=True, slots=True)
class Rule:
    """What is replaced by `<kind-n>`: the last named group, or all of the match; `spares` tells what is no secret."""

    kind: str
    pattern: re.Pattern[str]
    spares: Callable[[str, str], bool]


def _harmless(value: str, whole: str) -> bool:
    said = value.strip().rstrip(".,;:").lower()
    if _HARMLESS.fullmatch(said) or _MASK.fullmatch(said):
        return True
    label = whole.removesuffix(value).lower()
    # The shell's working directory has the name of a password; few tokens have so few digits, and many counters.
    return (label.startswith("pwd") and value.startswith("/")) or (
        value.isdecimal() and len(value) < 5 and not _SHORT.search(label)
    )


def _none(value: str, whole: str) -> bool:  # noqa: ARG001
    return False


def _plain_word(value: str, whole: str) -> bool:
    return _harmless(value, whole) or _WORD.fullmatch(value.rstrip(".,:;")) is not None


def _digits(value: str) -> list[int]:
    return [int(char) for char in value if char.isdecimal()]


def _no_card(value: str, _: str) -> bool:
    digits = _digits(value)
    doubled = [digit * 2 - 9 * (digit > 4) if place % 2 else digit for place, digit in enumerate(reversed(digits))]
    return not 13 <= len(digits) <= 19 or sum(doubled) % 10 != 0


def _no_phone(value: str, _: str) -> bool:
    return not 9 <= len(_digits(value)) <= 15


def _no_ipv4(value: str, _: str) -> bool:
    return any(int(octet) > 255 for octet in value.split("."))


def _no_ipv6(value: str, _: str) -> bool:
    # `10:31:07` is a time, `A::B` a name in C++ or Ruby.
    if not any(char.isdecimal() for char in value) and not value.lower().startswith(("fe80:", "fd", "fc")):
        return True
    try:
        IPv6Address(value)
    except AddressValueError:
        return True
    return False


def _rule(kind: str, pattern: str, spares: Callable[[str, str], bool] = _none, flags: int = 0) -> Rule:
    return Rule(kind, re.compile(pattern, flags), spares)


_I = re.IGNORECASE
_TOKENS = (
    r"https?://(?:\w{1,20}\.)?discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/(?P<discord>\d{5,25}/[\w-]{20,120})",
    r"https?://hooks\.slack(?:-gov)?\.com/(?P<slack>(?:services|workflows|triggers)/[\w/]{10,200})",
    r"https?://[\w.-]{1,80}\.webhook\.office\.com/(?P<teams>[\w@/-]{20,300})",
    _B + r"eyJrIjoi[\w=+/-]{10,1000}",
    _B + r"eyJ[\w=-]{5,4000}+\.[\w=-]{2,8000}+(?:\.[\w=+/-]{0,8000}+){0,3}",
    r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16,32}(?:[^\w/+]{1,4}(?P<pair>[A-Za-z0-9/+=]{40}))?",
    r"(?:FwoGZXIvYXdz|IQoJb3JpZ2lu)[\w+/=-]{50,2000}",
    r"AIza[\w-]{30,64}|ya29\.[\w.-]{20,2000}|GOCSPX-[\w-]{20,64}|" + _B + r"1//0[\w-]{30,200}",
    r"gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}",
    r"gl(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent|oas)-[\w.-]{15,200}|GR1348941[\w-]{20,50}",
    r"xox[a-z](?:\.xox[a-z])?-[\w-]{8,250}|xapp-\d-[\w-]{10,250}",
    r"[srp]k_(?:live|test)_[A-Za-z0-9]{10,250}|whsec_[\w+/=]{10,250}",
    _B + r"(?:[MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{27,60}|mfa\.[\w-]{20,120})",
    r"gl(?:sa|c)_[\w=+/-]{16,1000}",
    r"(?:" + _B + r"|(?<=_))sk-(?:ant|proj|svcacct|admin|or|None)-[\w-]{12,400}|" + _B + r"sk-[\w-]{20,400}",
    r"npm_[A-Za-z0-9]{30,80}|pypi-Ag[\w-]{16,500}|dckr_[po]at_[\w-]{20,80}|" + _B + r"hf_[A-Za-z0-9]{20,80}",
    r"(?<!\d)\d{8,10}:[\w-]{35}(?![\w-])",
    _B + r"(?:AC|SK)[a-z0-9]{32}(?![A-Za-z0-9])|" + _B + r"[0-9a-f]{32}-us\d{1,2}\b|" + _B + r"key-[0-9a-f]{32}\b",
    _B + r"SG\.[\w-]{16,64}\.[\w-]{16,100}|sq0[a-z]{3}-[\w\\-]{22,60}|" + _B + r"AKC[A-Za-z0-9]{10,120}",
    _B + r"hv[sbr]\.[\w-]{20,300}|AGE-SECRET-KEY-1[A-Z0-9]{20,80}|do[opr]_v1_[a-f0-9]{40,80}|ATATT3[\w=-]{20,300}",
    _B
    + r"(?:dapi[a-f0-9]{32}|shp(?:at|ss|ca|pa)_[A-Fa-f0-9]{32}|NRAK-[A-Z0-9]{20,40}|lin_api_\w{20,60}|ntn_\w{30,60})",
    r"(?i:\baws.{0,40}?[\"'])(?P<aws>[A-Za-z0-9/+]{40})(?=\\{0,3}[\"'])",
)
RULES: tuple[Rule, ...] = (
    # A key may come with real or escaped line ends; one that was cut off ends where base64 does.
    _rule(
        "key",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[A-Za-z0-9+/=\s\\:,.]|-(?!----)){0,16000}+"
        r"(?:-----END [A-Z0-9 ]{0,40}-----)?",
    ),
    _rule("key", r"(?:BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|PuTTY-User-Key-File-\d)[^\0]{0,8000}"),
    # One line of such a key, where each line became an event of its own.
    _rule(
        "key",
        r"(?m)(?:^|(?<=\\n)|(?<=[\s\"]))(?=\S{0,63}[G-Zg-z+/])(?=\S{0,63}\d)(?=\S{0,63}[a-z])(?=\S{0,63}[A-Z])"
        r"[A-Za-z0-9+/]{64}(?=$|\\[nr]|[\s\"])",
    ),
    *(_rule("token", pattern) for pattern in _TOKENS),
    _rule(
        "token",
        r"authorization[\\\"']{0,5}\]?[ \t]{0,4}[:=][ \t]{0,4}[\\\"'\[]{0,5}"
        r"(?:(?:digest|aws4-hmac-sha256|oauth)[ \t]{1,4}(?P<all>[^\"\n\\]{8,2000})"
        r"|(?:(?:bearer|basic|token|apikey|negotiate|bot)[ \t+]{1,4})?(?P<one>[^\s\"'\\,;\])}]{1,4000}))",
        _harmless,
        _I,
    ),
    _rule("token", r"\bbearer(?:[ \t+]|%20){1,4}(?P<bearer>[\w.~+/=-]{8,4000})", _plain_word, _I),
    _rule("token", r"\bbasic[ \t]{1,4}(?P<basic>[\w+/-]{8,1000}={0,2})", _plain_word, _I),
    _rule(
        "cookie",
        rf"cookie2?[\\\"']{{0,5}}\]?[ \t]{{0,4}}[:=][ \t]{{0,4}}[\\\"'\[]{{0,6}}(?P<jar>{_PAIR}(?:;[ \t]?(?:{_PAIR}|[\w-]{{1,60}})){{0,60}}"
        r"|(?=[A-Za-z]{0,200}\d)[\w.%+/=-]{12,4000})",
        flags=_I,
    ),
    _rule(
        "cookie",
        r"(?:JSESSIONID|PHPSESSID|ASP\.NET_SessionId|connect\.sid|session[_-]?(?:id|key)|\bsess(?:ion|id)?|\bsid)"
        r"(?:\\{0,3}[\"'])?[ \t]{0,3}(?:[:=]|%3D)[ \t]{0,3}(?:\\{0,3}[\"'])?(?P<id>[\w.!%:+/=-]{8,400})",
        _plain_word,
        _I,
    ),
    # Nothing after the second colon is a password if it is a port and the path begins.
    _rule(
        "password",
        r"[a-z][a-z0-9+.-]{1,20}://[^\s/?#@:\"'<>]{0,100}:"
        r"(?:(?P<user>[^\s/?#\"']{1,256})(?=@)|(?!\d{1,5}[/?#])(?P<odd>[^\s\"']{1,256}?)(?=@))",
        flags=_I,
    ),
    _rule("token", r"://(?P<only>[^\s/?#@:\"'<>]{16,255})(?=@)"),
    _rule("password", r"jdbc:oracle:\w{1,10}:[^/\s]{1,60}/(?P<oracle>[^@\s]{1,100})(?=@)", flags=_I),
    _rule("password", r"[\w.-]{1,60}:(?P<dsn>[^\s@/]{1,100})(?=@(?:tcp|unix)\()"),
    _rule("password", rf"<(?:[\w:.-]{{0,40}}){_NAME}>(?P<xml>[^<\n]{{1,500}})(?=</)", _harmless, _I),
    _rule("password", _NAME + _SEPARATOR + _VALUE, _harmless, _I),
    _rule("password", r"--?(?:passw(?:or)?d|pwd|pass|token|secret|api-?key)[ \t]{1,3}" + _VALUE, _harmless, _I),
    _rule(
        "password",
        r"(?:passw(?:or)?d|identified by)(?: is)?[ \t]{1,3}(?:\"(?P<d>[^\"\n]{1,200})\"|'(?P<s>[^'\n]{1,200})')",
        _harmless,
        _I,
    ),
    _rule("email", r"[\w.+%'-]{1,64}(?:@|%40)(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w])"),
    _rule("resident", r"(?<![\w-])\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[ ]?-[ ]?[1-8]\d{6}(?!\d)"),
    _rule(
        "resident",
        r"(?:주민(?:등록)?번호|\brrn|\bjumin)\"?[ \t]{0,3}[:=]?[ \t]{0,3}\"?(?P<plain>\d{13})(?!\d)",
        flags=_I,
    ),
    _rule(
        "card",
        r"(?<![\w.-])(?:(?:[3-6]\d{3}|2[2-7]\d\d|9\d{3})([ -]?)\d{4}\1\d{4}\1\d{4}"
        r"|3[47]\d{2}[ -]?\d{6}[ -]?\d{5}|3[068]\d{2}[ -]?\d{6}[ -]?\d{4})(?![\w-]|\.\d)",
        _no_card,
    ),
    _rule("phone", r"(?<![\w.+-])(?:\+|00)82[ .-]?\(?0?\)?(?:1\d|2|[3-7]\d)[ .-]?\d{3,4}[ .-]?\d{4}(?![\w-])"),
    _rule(
        "phone", r"(?<![\w.-])(?:\(?01[016789]\)?[ .-]?\d{3,4}[ .-]?\d{4}|0(?:2|[3-7]\d)[)-]\d{3,4}-\d{4})(?!\d|[-.]\d)"
    ),
    _rule("phone", r"(?<![\w+])\+[1-9]\d{0,2}(?:[ ()-]{0,2}\d{2,4}){2,5}(?![\w])", _no_phone),
    _rule("phone", r"(?<![\w.-])(?:\([2-9]\d{2}\) ?|[2-9]\d{2}-)[2-9]\d{2}-\d{4}(?![\w-])"),
    _rule(
        "ip",
        r"(?<![0-9A-Za-z])(?P<six>(?:[0-9A-Fa-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{1,4}|(?<=::)))(?![0-9A-Za-z]|:[0-9A-Fa-f])",
        _no_ipv6,
    ),
    _rule("ip", r"(?<!\d)(?<!\d\.)(?<![vV])(?:\d{1,3}\.){3}\d{1,3}(?!\.?\d)", _no_ipv4),
    _rule("ip", r"\bip-\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}\b"),
)
