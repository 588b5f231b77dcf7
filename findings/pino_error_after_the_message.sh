#!/usr/bin/env bash
# pino 10.4.0 (npm; Fastify's logger), beside winston 3.19.0, bunyan 2.0.5 and log4js 6.9.1 (npm): logger.error("failed:", error) writes "failed:".
# Expected: as with console.error, and as the other three do: what is wrong stands in the line.
# Seen: pino puts further arguments only where the message has a placeholder; without one the error, its text and its stack, is dropped and nothing says so.
. "$(dirname "$0")/lib.sh"
node_program pino@10.4.0 winston@3.19.0 bunyan@2.0.5 log4js@6.9.1 <<'PROGRAM'
import { createRequire } from "node:module";
import { Writable } from "node:stream";
const require = createRequire(import.meta.url);
let line = "";
const stream = new Writable({ write: (text, _, done) => { line += text; done(); } });
const show = (name) => {
    console.log(name, line.includes("payment failed:"), line.includes("refused by the bank"));
    line = "";
};
const error = new Error("refused by the bank");
require("pino")(stream).error("payment failed:", error);
show("pino");
const winston = require("winston");
winston.createLogger({ transports: [new winston.transports.Stream({ stream })] }).error("payment failed:", error);
show("winston");
require("bunyan").createLogger({ name: "shop", stream }).error("payment failed:", error);
show("bunyan");
const log4js = require("log4js");
const { basicLayout } = require("log4js/lib/layouts");
const kept = { configure: () => (event) => { line += basicLayout(event); } };
log4js.configure({ appenders: { kept: { type: kept } }, categories: { default: { appenders: ["kept"], level: "info" } } });
log4js.getLogger().error("payment failed:", error);
show("log4js");
PROGRAM
seen "pino true false" "winston true true" "bunyan true true" "log4js true true"
