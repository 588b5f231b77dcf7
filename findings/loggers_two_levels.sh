#!/usr/bin/env bash
# log/slog of Go, zap v1.28.0, zerolog v1.35.1 (Go), pino 10.4.0 (npm), beside logrus v1.10.2 (Go): an error with a field of one's own called "level" has the key twice.
# Expected: a key once, as logrus writes it ("fields.level" for the second); of two keys of one name JSON does not say which holds.
# Seen: jq 1.6 (Debian) and Python's json read "high", buger/jsonparser v1.2.0 (Go) the logger's own: one line is an error in one tool and not in the other.
. "$(dirname "$0")/lib.sh"
debian jq 1.6-2.1+deb12u1
node_program pino@10.4.0 <<'PROGRAM'
import pino from "pino";
pino().error({ level: "high" }, "disk");
PROGRAM
sed 's/^/pino /' out >lines
golang go.uber.org/zap@v1.28.0 github.com/rs/zerolog@v1.35.1 github.com/sirupsen/logrus@v1.10.2 github.com/buger/jsonparser@v1.2.0 <<'PROGRAM'
package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/buger/jsonparser"
	"github.com/rs/zerolog"
	"github.com/sirupsen/logrus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

func main() {
	lines, _ := os.OpenFile("lines", os.O_APPEND|os.O_RDWR, 0)
	var line bytes.Buffer
	keep := func(name string) {
		fmt.Fprintln(lines, name, strings.TrimSpace(line.String()))
		line.Reset()
	}
	slog.New(slog.NewJSONHandler(&line, nil)).Error("disk", "level", "high")
	keep("slog")
	encoder := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	zap.New(zapcore.NewCore(encoder, zapcore.AddSync(&line), zap.InfoLevel)).Error("disk", zap.String("level", "high"))
	keep("zap")
	logger := zerolog.New(&line)
	logger.Error().Str("level", "high").Msg("disk")
	keep("zerolog")
	other := logrus.New()
	other.Out = &line
	other.Formatter = &logrus.JSONFormatter{}
	other.WithField("level", "high").Error("disk")
	keep("logrus")
	all, _ := os.ReadFile("lines")
	for _, each := range strings.Split(strings.TrimSpace(string(all)), "\n") {
		name, text, _ := strings.Cut(each, " ")
		level, _, _, err := jsonparser.Get([]byte(text), "level")
		fmt.Println(name, "by jsonparser", string(level), err)
	}
}
PROGRAM
while read -r name text; do
    echo "$name by jq $(jq --raw-output .level <<<"$text") by Python $(python3 -c 'import json, sys; print(json.loads(sys.argv[1])["level"])' "$text")"
done <lines | tee --append out
seen "slog by jq high by Python high" "zap by jq high by Python high" "zerolog by jq high by Python high" "pino by jq high by Python high" \
    "logrus by jq error by Python error" "slog by jsonparser ERROR <nil>" "zap by jsonparser error <nil>" "zerolog by jsonparser error <nil>" "pino by jsonparser 50 <nil>"
