#!/usr/bin/env bash
# grafana-client 5.1.4 (PyPI): the data source called "Prod #1" is asked for, and deleted, as "Prod ".
# Expected: the name goes into the path escaped, as Grafana takes it (/api/datasources/name/Prod%20%231), and as the library escapes what it puts into a query.
# Seen: what follows a # or a ? is no part of the path: of "Prod #1" and "Prod ?" the name that arrives is "Prod "; a DELETE goes the same way.
. "$(dirname "$0")/lib.sh"
python grafana-client==5.1.4 <<'PROGRAM'
import http.server
import threading

from grafana_client import GrafanaApi


class Grafana(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(self.command, self.path, flush=True)
        body = b'{"id": 1, "uid": "u", "name": "n"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_DELETE = do_GET

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Grafana)
threading.Thread(target=server.serve_forever, daemon=True).start()
grafana = GrafanaApi.from_url(f"http://127.0.0.1:{server.server_port}", credential="token")
grafana.datasource.get_datasource_by_name("Prod #1")
grafana.datasource.get_datasource_by_name("Prod 1")
grafana.datasource.delete_datasource_by_name("Prod #1")
grafana.search.search_dashboards(query="Prod #1")
PROGRAM
seen "GET /api/datasources/name/Prod%20" "GET /api/datasources/name/Prod%201" "DELETE /api/datasources/name/Prod%20" "GET /api/search?query=Prod+%231"
