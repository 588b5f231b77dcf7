"""What asking a model about an incident costs: tokens and USD, over labelled cases, for the prompt as it is really built.

No model is asked. Tokens in are our own careful estimate of the whole request; tokens out those of an answer that says
in the answer's own schema what the ranking says without a model, which is about as much as the instructions allow.
Prices are those of `config/bot.yml`: `usd` is a P2 (the cheaper model), `usd_p1` a P1, `usd_escalated` a P2 that was
asked about twice.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from dataclasses import dataclass
from pathlib import Path

from bench.cases import QUICK, few, folders, load
from bench.report import finish, percentile
from bot.advice.analyst import hidden
from bot.advice.document import tokens
from bot.advice.prompt import MOST_TOKENS_OUT, question
from bot.app.loading import load_settings
from bot.app.sections import LanguageModel
from bot.core.investigation.phrasing import statement
from bot.core.investigation.plain import plain_verdict
from bot.domain.alerts import Severity
from bot.domain.evidence import Claim, Ranking, Verdict
from bot.domain.inquiries import Case
from bot.domain.telemetry import Observations
from bot.i18n import Language
from bot.models.budget import Price, PriceTable
from bot.ranking.rank import rank
from bot.redaction.redact import Redactor

_PROCESSES = 2
# The reference names them: what others publish for one incident, as (who, tokens in, tokens out, USD).
_PUBLISHED = (
    ("HolmesGPT, Sonnet 4.5 (2025-09)", None, None, 0.16),
    ("RootCauseBench agent, Sonnet 4.6", 111_000, 4_700, 0.18),
    ("RootCauseBench agent, Haiku 4.5", 416_000, 31_000, 0.25),
    ("RootCauseBench agent, gpt-5.4-mini", 42_000, 3_400, 0.028),
)


@dataclass(frozen=True, slots=True)
class Size:
    """What one question and its answer take."""

    tokens_in: int
    tokens_out: int


def size(folder: Path) -> Size:
    """Rank a case, and measure the question about it."""
    seen = load(folder)
    return sized(seen, rank(seen))


def sized(seen: Observations, ranking: Ranking, language: Language = "en") -> Size:
    """Build the question about a case as the bot does, and measure it."""
    redactor = Redactor()
    ranking = hidden(ranking, redactor)
    statements = {each.id: redactor.text(statement(each, language)) for each in ranking.findings}
    asked = question(_case(seen), ranking, statements, "", language, redactor)
    sent = tokens(asked.system) + tokens(json.dumps(asked.schema)) + sum(tokens(turn.text) for turn in asked.turns)
    said = json.dumps(_answer(plain_verdict(ranking, language)), ensure_ascii=False)
    return Size(sent, min(tokens(said), MOST_TOKENS_OUT))


def _case(seen: Observations) -> Case:
    names = [*([seen.service] if seen.service else []), *sorted({each.service for each in seen.series})]
    title = seen.labels.get("alertname") or seen.summary
    return Case(1, Severity.P2, title, seen, tuple(dict.fromkeys(names)))


def _answer(verdict: Verdict) -> dict[str, object]:
    def said(claim: Claim) -> dict[str, object]:
        return {"text": claim.text, "service": claim.service, "findings": list(claim.findings)}

    return {
        "confidence": verdict.confidence.value,
        "cause": said(verdict.cause) if verdict.cause else None,
        "why": [said(each) for each in verdict.why],
        "alternatives": [{**said(each.claim), "why_not": each.why_not} for each in verdict.alternatives],
        "blast_radius": [said(each) for each in verdict.blast_radius],
        "actions": [
            {"kind": each.kind.value, "text": each.text, "risk": each.risk.value, "findings": list(each.findings)}
            for each in verdict.actions
        ],
    }


def money(sizes: list[Size], chosen: LanguageModel) -> dict[str, float]:
    """Return the figures of many questions, in tokens and USD."""
    prices = {name: Price(each.usd_in, each.usd_out) for name, each in chosen.prices.items()}
    table = PriceTable(prices)
    cheap = [table.usd(chosen.other, each.tokens_in, each.tokens_out) for each in sizes]
    strong = [table.usd(chosen.p1, each.tokens_in, each.tokens_out) for each in sizes]
    measured = {
        "tokens_in": [float(each.tokens_in) for each in sizes],
        "tokens_out": [float(each.tokens_out) for each in sizes],
        "usd": cheap,
        "usd_p1": strong,
        "usd_escalated": [one + other for one, other in zip(cheap, strong, strict=True)],
    }
    shares = {"p50": 0.5, "p95": 0.95}
    return {f"{name}_{at}": percentile(each, share) for name, each in measured.items() for at, share in shares.items()}


def main() -> None:
    """Measure, print a line for each suite, and the figures of all cases as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--cases", type=Path, help="folder of <suite>/<case-id>/alert.json; by default beside the checkout"
    )
    parser.add_argument("--suite", help="only this one")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} cases of each suite, same figures")
    options = parser.parse_args()
    cases = options.cases or next(Path(__file__).parents[2].glob("*/rca"), Path())
    suites = folders(cases, options.suite)
    if not suites:
        parser.error(f"no case in {cases}")
    chosen = load_settings().investigation.model
    everything: list[Size] = []
    print(f"prices of {chosen.prices_of}: P2 {chosen.other}, P1 {chosen.p1}")
    for suite, chosen_cases in suites.items():
        with multiprocessing.get_context("spawn").Pool(_PROCESSES) as pool:
            sizes = pool.map(size, few(chosen_cases) if options.quick else chosen_cases, chunksize=1)
        print(_row(suite, money(sizes, chosen)), flush=True)
        everything += sizes
    for who, sent, said, usd in _PUBLISHED:
        print(f"{who:36}{sent or '-':>10} in {said or '-':>7} out  {usd:.4f} USD (published, one incident)")
    # A cent is a thousand of what one incident costs.
    finish("tokens", money(everything, chosen), digits=6)


def _row(suite: str, found: dict[str, float]) -> str:
    return (
        f"{suite:20}{found['tokens_in_p50']:>8.0f} / {found['tokens_in_p95']:.0f} in"
        f"{found['tokens_out_p50']:>8.0f} / {found['tokens_out_p95']:.0f} out"
        f"   {found['usd_p50']:.5f} / {found['usd_p95']:.5f} USD a P2, {found['usd_p1_p95']:.4f} a P1 (p50 / p95)"
    )


if __name__ == "__main__":
    main()
