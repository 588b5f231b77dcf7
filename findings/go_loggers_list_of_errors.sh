#!/usr/bin/env bash
# log/slog of Go, zerolog v1.35.1, logrus v1.10.2, beside zap v1.28.0 (Go): a list of errors is logged as [{}].
# Expected: each writes one error by its text; slog's text handler writes the list as [refused], zap as [{"error":"refused"}].
# Seen: in a line of JSON the list, or a map that holds an error, has an empty object for each error: what went wrong is not in the log.
. "$(dirname "$0")/lib.sh"
golang go.uber.org/zap@v1.28.0 github.com/rs/zerolog@v1.35.1 github.com/sirupsen/logrus@v1.10.2 <<'PROGRAM'
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/rs/zerolog"
	"github.com/sirupsen/logrus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

var line bytes.Buffer

func show(name string) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line.Bytes(), &fields); err != nil {
		panic(err)
	}
	fmt.Println(name, string(fields["errors"]))
	line.Reset()
}

func main() {
	faults := []error{errors.New("refused"), fmt.Errorf("second: %w", errors.New("timed out"))}
	byHost := map[string]any{"db": faults[0]}
	slog.New(slog.NewJSONHandler(&line, nil)).Error("gave up", "errors", faults)
	show("slog")
	slog.New(slog.NewJSONHandler(&line, nil)).Error("gave up", "errors", byHost)
	show("slog, a map")
	slog.New(slog.NewTextHandler(&line, nil)).Error("gave up", "errors", faults)
	_, rest, _ := strings.Cut(strings.TrimSpace(line.String()), "errors=")
	fmt.Println("slog's text", rest)
	line.Reset()
	logger := zerolog.New(&line)
	logger.Error().Any("errors", faults).Msg("gave up")
	show("zerolog")
	other := logrus.New()
	other.Out = &line
	other.Formatter = &logrus.JSONFormatter{}
	other.WithField("errors", faults).Error("gave up")
	show("logrus")
	encoder := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	zap.New(zapcore.NewCore(encoder, zapcore.AddSync(&line), zap.InfoLevel)).Error("gave up", zap.Any("errors", faults))
	show("zap")
}
PROGRAM
seen "slog [{},{}]" 'slog, a map {"db":{}}' 'slog'"'"'s text "[refused second: timed out]"' "zerolog [{},{}]" "logrus [{},{}]" \
    'zap [{"error":"refused"},{"error":"second: timed out"}]'
