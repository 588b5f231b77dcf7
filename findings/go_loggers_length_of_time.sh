#!/usr/bin/env bash
# log/slog of Go, zap v1.28.0, zerolog v1.35.1, logrus v1.10.2 (Go): the same time.Duration of 1.5 s is 1.5, 1500 or 1500000000 in a line of JSON.
# Expected: a length of time that says its unit (slog's own text handler writes took=1.5s), or one unit for all of them: `| json | took > 1` is one query in Loki.
# Seen: seconds in zap, milliseconds in zerolog, nanoseconds in slog and logrus; zerolog writes nanoseconds as well if the field is added with Any.
. "$(dirname "$0")/lib.sh"
golang go.uber.org/zap@v1.28.0 github.com/rs/zerolog@v1.35.1 github.com/sirupsen/logrus@v1.10.2 <<'PROGRAM'
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

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
	fmt.Println(name, string(fields["took"]))
	line.Reset()
}

func main() {
	took := 1500 * time.Millisecond
	slog.New(slog.NewJSONHandler(&line, nil)).Info("done", "took", took)
	show("slog")
	encoder := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	zap.New(zapcore.NewCore(encoder, zapcore.AddSync(&line), zap.InfoLevel)).Info("done", zap.Duration("took", took))
	show("zap")
	logger := zerolog.New(&line)
	logger.Info().Dur("took", took).Msg("done")
	show("zerolog Dur")
	logger.Info().Any("took", took).Msg("done")
	show("zerolog Any")
	other := logrus.New()
	other.Out = &line
	other.Formatter = &logrus.JSONFormatter{}
	other.WithField("took", took).Info("done")
	show("logrus")
}
PROGRAM
seen "slog 1500000000" "zap 1.5" "zerolog Dur 1500" "zerolog Any 1500000000" "logrus 1500000000"
