"""Requests into log lines as Spring Boot and nginx write them, with stack traces and trace ids."""

from __future__ import annotations

import logging
import random
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from playground.shop.model import Request, Service

_MEGABYTE = 1024 * 1024

_POOL_TRACE = """org.springframework.transaction.CannotCreateTransactionException: Could not open JPA EntityManager for transaction
\tat org.springframework.orm.jpa.JpaTransactionManager.doBegin(JpaTransactionManager.java:466)
\tat com.doktori.api.order.OrderService.findOrders(OrderService.java:58)
\tat com.doktori.api.order.OrderController.list(OrderController.java:31)
Caused by: java.sql.SQLTransientConnectionException: DoktoriHikariPool - Connection is not available, request timed out \
after {waited}ms (total=10, active=10, idle=0, waiting={waiting})
\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:686)
\t... 64 common frames omitted"""

_NULL_TRACE = """java.lang.NullPointerException: Cannot invoke "com.doktori.api.payment.Coupon.rate()" because "coupon" is null
\tat com.doktori.api.payment.PaymentService.discount(PaymentService.java:112)
\tat com.doktori.api.payment.PaymentController.pay(PaymentController.java:47)"""

_REMOTE_TRACE = """org.springframework.web.client.ResourceAccessException: I/O error on GET request for \
"http://api:8080/api/doctors": Read timed out
\tat org.springframework.web.client.RestTemplate.doExecute(RestTemplate.java:905)
Caused by: java.net.SocketTimeoutException: Read timed out
\t... 41 common frames omitted"""

_TRACES = {
    "SQLTransientConnectionException": ("o.h.engine.jdbc.spi.SqlExceptionHelper", "주문 목록 조회 실패", _POOL_TRACE),
    "NullPointerException": ("c.d.api.payment.PaymentController", "결제 처리 중 오류가 발생했습니다", _NULL_TRACE),
    "ResourceAccessException": ("c.d.chat.client.ApiClient", "api 호출 실패", _REMOTE_TRACE),
}


class ServiceLog:
    """Writes one service's log, and counts its lines by level as Logback does."""

    def __init__(self, service: Service, folder: Path, rng: random.Random) -> None:
        self._service = service
        self._rng = rng
        self._app = _file(folder / f"{service.name}.log")
        self._access = _file(folder / "access.log")

    def write(self, requests: list[Request], noisy: bool) -> None:
        """Log what happened."""
        for request in requests:
            self._access.info(self._access_line(request))
            if request.exception in _TRACES:
                logger, words, trace = _TRACES[request.exception]
                filled = trace.replace("{waited}", str(int(request.seconds * 1000)))
                filled = filled.replace("{waiting}", str(self._service.pending))
                self._line("ERROR", logger, f"{words}\n{filled}", request)
            elif self._rng.random() < 0.05:
                self._line("INFO", "c.d.web.AccessLog", f"{request.method} {request.uri} 처리 완료", request)
        if noisy and self._service.name == "api":
            for _ in range(5):
                self._line(
                    "WARN", "c.d.cache.CacheWarmer", "Cache miss for key doctor:list, falling back to database", None
                )

    def close(self) -> None:
        """Close the files."""
        for logger in (self._app, self._access):
            for handler in list(logger.handlers):
                handler.close()
                logger.removeHandler(handler)

    def _line(self, level: str, logger: str, words: str, request: Request | None) -> None:
        self._service.logged[level.lower()] = self._service.logged.get(level.lower(), 0) + 1
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        trace = f"{request.trace_id}-{request.span_id}" if request else ""
        self._app.info(
            "%s %5s 1 --- [%s] [nio-8080-exec-%d] [%s] %s : %s",
            at,
            level,
            self._service.name,
            self._rng.randint(1, 50),
            trace,
            logger,
            words,
        )

    def _access_line(self, request: Request) -> str:
        at = datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
        path = request.uri.replace("{id}", str(self._rng.randint(1, 9999)))
        sent = self._rng.randint(200, 9000)
        return f'10.8.0.{self._rng.randint(2, 9)} - - [{at}] "{request.method} {path} HTTP/1.1" {request.status} {sent} {request.seconds:.3f}'


def _file(path: Path) -> logging.Logger:
    logger = logging.getLogger(f"shop.{path}")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    handler = RotatingFileHandler(path, maxBytes=4 * _MEGABYTE, backupCount=1, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    return logger
