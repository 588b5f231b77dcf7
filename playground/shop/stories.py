"""What the shop's services write into their logs when something happens: made-up classes, real frameworks' words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """One entry of a log; `{…}` is filled in from the service and the request. A trace follows on its own lines."""

    level: str
    logger: str
    words: str
    trace: str = ""
    thread: str = ""


_DISPATCHER = (
    "o.a.c.c.C.[.[.[/].[dispatcherServlet]",
    "Servlet.service() for servlet [dispatcherServlet] in context with path [] threw exception",
)
_HIKARI = (
    "{pool} - Connection is not available, request timed out after {ms}ms (total=10, active=10, idle=0, "
    "waiting={pending})"
)

_POOL_TRACE = f"""\
org.springframework.transaction.CannotCreateTransactionException: Could not open JPA EntityManager for transaction
\tat org.springframework.orm.jpa.JpaTransactionManager.doBegin(JpaTransactionManager.java:466)
\tat com.doktori.api.order.OrderService.findOrders(OrderService.java:58)
\tat com.doktori.api.order.OrderController.list(OrderController.java:31)
Caused by: java.sql.SQLTransientConnectionException: {_HIKARI}
\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:686)
\tat com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:179)
\t... 64 common frames omitted"""

_NULL_TRACE = """\
java.lang.NullPointerException: Cannot invoke "com.doktori.api.payment.Coupon.rate()" because "coupon" is null
\tat com.doktori.api.payment.PaymentService.discount(PaymentService.java:112)
\tat com.doktori.api.payment.PaymentController.pay(PaymentController.java:47)"""

_TIMEOUT_TRACE = """\
org.springframework.web.client.ResourceAccessException: I/O error on GET request for "http://api:8080": Read timed out
\tat org.springframework.web.client.RestTemplate.doExecute(RestTemplate.java:905)
\tat com.doktori.chat.client.ApiClient.get(ApiClient.java:39)
Caused by: java.net.SocketTimeoutException: Read timed out
\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)
\t... 41 common frames omitted"""

_REMOTE_TRACE = """\
org.springframework.web.client.HttpServerErrorException$InternalServerError: 500 : "{{"error":"Internal Server Error"}}"
\tat org.springframework.web.client.HttpServerErrorException.create(HttpServerErrorException.java:102)
\tat com.doktori.chat.client.ApiClient.get(ApiClient.java:39)"""

_MEMORY_TRACE = """\
jakarta.servlet.ServletException: Handler dispatch failed: java.lang.OutOfMemoryError: Java heap space
\tat org.springframework.web.servlet.DispatcherServlet.doDispatch(DispatcherServlet.java:1104)
Caused by: java.lang.OutOfMemoryError: Java heap space
\tat com.doktori.chat.room.RoomHistory.remember(RoomHistory.java:73)
\t... 38 common frames omitted"""

_DISK_TRACE = """\
java.io.UncheckedIOException: java.io.IOException: No space left on device
\tat com.doktori.api.payment.ReceiptWriter.write(ReceiptWriter.java:61)
Caused by: java.io.IOException: No space left on device
\tat java.base/sun.nio.ch.FileDispatcherImpl.write0(Native Method)
\t... 52 common frames omitted"""

_REDIS_TRACE = """\
org.springframework.data.redis.RedisConnectionFailureException: Unable to connect to Redis
\tat com.doktori.chat.room.RoomSubscriber.subscribe(RoomSubscriber.java:52)
\tat com.doktori.chat.room.RoomSubscriber.run(RoomSubscriber.java:38)
Caused by: io.lettuce.core.RedisConnectionException: Unable to connect to redis/<unresolved>:6379
\tat io.lettuce.core.RedisConnectionException.create(RedisConnectionException.java:78)
\t... 14 common frames omitted
Caused by: java.net.ConnectException: Connection refused: redis/10.8.0.12:6379
\t... 7 common frames omitted"""

_GONE_TRACE = """\
org.apache.catalina.connector.ClientAbortException: java.io.IOException: Broken pipe
\tat org.apache.catalina.connector.OutputBuffer.realWriteBytes(OutputBuffer.java:342)
Caused by: java.io.IOException: Broken pipe
\t... 27 common frames omitted"""

# By the exception a request ended with; the last entry of each holds its trace.
OF_EXCEPTION: dict[str, tuple[Story, ...]] = {
    "CannotCreateTransactionException": (
        Story("WARN", "o.h.engine.jdbc.spi.SqlExceptionHelper", "SQL Error: 0, SQLState: null"),
        Story("ERROR", "o.h.engine.jdbc.spi.SqlExceptionHelper", _HIKARI),
        Story("ERROR", "c.d.api.web.ErrorHandler", "주문 목록 조회 실패: {method} {uri}", _POOL_TRACE),
    ),
    "NullPointerException": (
        Story("ERROR", "c.d.api.payment.PaymentController", "결제 처리 중 오류가 발생했습니다", _NULL_TRACE),
    ),
    "ResourceAccessException": (
        Story("ERROR", "c.d.chat.client.ApiClient", "api 호출 시간 초과 ({ms}ms)", _TIMEOUT_TRACE),
    ),
    "InternalServerError": (Story("ERROR", "c.d.chat.client.ApiClient", "api 호출 실패", _REMOTE_TRACE),),
    "ServletException": (Story("ERROR", *_DISPATCHER, _MEMORY_TRACE),),
    "UncheckedIOException": (
        Story("ERROR", "c.d.api.payment.ReceiptWriter", "영수증 파일을 저장하지 못했습니다", _DISK_TRACE),
    ),
}

# By what happened to the service.
OF_EVENT: dict[str, tuple[Story, ...]] = {
    "started": (
        Story("INFO", "{application}", "Starting {class} v{version} using Java 21.0.5 with PID 1", thread="main"),
        Story("INFO", "o.s.b.w.embedded.tomcat.TomcatWebServer", "Tomcat started on port {port} (http)", thread="main"),
        Story("INFO", "{application}", "Started {class} in 4.213 seconds (process running for 4.9)", thread="main"),
    ),
    "died": (
        Story("ERROR", "c.d.chat.room.RoomSubscriber", "Redis 구독이 끊겨 종료합니다", _REDIS_TRACE, "room-subscriber"),
        Story("INFO", "com.zaxxer.hikari.HikariDataSource", "{pool} - Shutdown completed.", thread="ionShutdownHook"),
    ),
    "starved": (
        Story(
            "WARN",
            "com.zaxxer.hikari.pool.HikariPool",
            "{pool} - Thread starvation or clock leap detected (housekeeper delta=47s213ms).",
            thread="{pool}:housekeeper",
        ),
    ),
    "disk_low": (
        Story(
            "WARN",
            "o.s.b.a.s.DiskSpaceHealthIndicator",
            "Free disk space at path '/app/.' below threshold (available: {disk_free} bytes, threshold: 2GB)",
        ),
    ),
    "cache_miss": (Story("WARN", "c.d.cache.CacheWarmer", "Cache miss for key doctor:list, falling back to database"),),
    "client_gone": (Story("WARN", "c.d.api.web.ErrorHandler", "클라이언트가 연결을 끊었습니다", _GONE_TRACE),),
}

SLOW = Story("WARN", "c.d.api.payment.PaymentClient", "결제 서비스 응답 지연: {ms}ms (임계값 3000ms)")
DONE = Story("INFO", "c.d.web.AccessLog", "{method} {uri} 처리 완료 ({ms}ms)")
