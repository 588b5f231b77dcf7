#!/usr/bin/env bash
# pino-loki 3.0.0 (npm), beside winston-loki 6.1.7 (npm): the lines of a batch that Loki answers with 500 or 429 are never sent again.
# Expected: Loki's own agents send a batch again after 429 and 5xx, and winston-loki keeps it for a minute: a limit that is hit, or a restart, is what both are for.
# Seen: one sentence on stderr without the lines; the next batch holds only what was logged since.
. "$(dirname "$0")/lib.sh"
node_program pino-loki@3.0.0 pino@10.4.0 winston-loki@6.1.7 winston@3.19.0 <<'PROGRAM'
import http from "node:http";
import pino from "pino";
import { pinoLoki } from "pino-loki";
import winston from "winston";
import LokiTransport from "winston-loki";

let taken = "";
let refusals = 0;
const server = http.createServer((request, answer) => {
    let body = "";
    request.on("data", (part) => { body += part; });
    request.on("end", () => {
        refusals -= 1;
        answer.statusCode = refusals >= 0 ? 429 : 204;
        if (refusals < 0) taken += body;
        answer.end();
    });
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const host = `http://127.0.0.1:${server.address().port}`;
const wait = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });
const tell = async (name, log) => {
    taken = "";
    refusals = 1;
    log("before the limit");
    await wait(3);
    log("after the limit");
    for (let turn = 0; turn < 100 && !taken.includes("after the limit"); turn += 1) await wait(1);
    console.log(name, "the line that was refused:", taken.includes("before the limit"), "the next line:", taken.includes("after the limit"));
};
const logger = pino(pinoLoki({ host, labels: { app: "shop" }, batching: { interval: 1 } }));
await tell("pino-loki", (text) => logger.error(text));
const transport = new LokiTransport({ host, json: true, labels: { app: "shop" }, interval: 1, gracefulShutdown: false, onConnectionError: () => {} });
const other = winston.createLogger({ transports: [transport] });
await tell("winston-loki", (text) => other.error(text));
process.exit();
PROGRAM
seen "pino-loki the line that was refused: false the next line: true" "winston-loki the line that was refused: true the next line: true"
