#!/usr/bin/env bash
# prometheus-fastapi-instrumentator 8.1.0, prometheus-flask-exporter 0.23.2, starlette-exporter 0.24.0 (PyPI): leaving
# "/health" out of the metrics leaves out other paths as well, in two of the three.
# Expected: the path that is named, as starlette-exporter does (skip_paths).
# Seen: excluded_handlers is looked for anywhere in a path (/v1/health-records), excluded_paths at its beginning
# (/healthcare/claims). No request to those is counted: their errors are in no rate, and no alert on it can fire.
. "$(dirname "$0")/lib.sh"
python prometheus-fastapi-instrumentator==8.1.0 prometheus-flask-exporter==0.23.2 starlette-exporter==0.24.0 \
    flask==3.1.3 starlette==1.10.0 httpx==0.28.1 prometheus-client==0.26.0 <<'PROGRAM'
from flask import Flask
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_fastapi_instrumentator import Instrumentator
from prometheus_flask_exporter import PrometheusMetrics
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette_exporter import PrometheusMiddleware

PATHS = ["/health", "/healthcare/claims", "/v1/health-records", "/cart"]


def tell(name, registry):
    page = generate_latest(registry).decode()
    print(name, "counts", *[path for path in PATHS if f'"{path}"' in page])


def starlette(arm, registry):
    app = Starlette(routes=[Route(path, lambda request: PlainTextResponse("ok")) for path in PATHS])
    arm(app, registry)
    client = TestClient(app)
    for path in PATHS:
        assert client.get(path).status_code == 200
    return registry


tell("fastapi-instrumentator", starlette(
    lambda app, registry: Instrumentator(excluded_handlers=["/health"], registry=registry).instrument(app),
    CollectorRegistry(),
))
tell("starlette-exporter", starlette(
    lambda app, _: app.add_middleware(PrometheusMiddleware, skip_paths=["/health"]), REGISTRY
))
app, registry = Flask("shop"), CollectorRegistry()
PrometheusMetrics(app, excluded_paths="/health", registry=registry)
for path in PATHS:
    app.add_url_rule(path, path, lambda: "ok")
for path in PATHS:
    assert app.test_client().get(path).status_code == 200
tell("flask-exporter", registry)
PROGRAM
seen "fastapi-instrumentator counts /cart" "flask-exporter counts /v1/health-records /cart" \
    "starlette-exporter counts /healthcare/claims /v1/health-records /cart"
