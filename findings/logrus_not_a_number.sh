#!/usr/bin/env bash
# logrus v1.10.2 (Go), beside log/slog of Go, zap v1.28.0, zerolog v1.35.1: an error is logged with a field that is NaN, and the line is not written.
# Expected: JSON has no NaN; the other three write the line, with the field as a text ("NaN") or as what is wrong with it.
# Seen: with logrus' JSON formatter nothing of the line is written, neither its message nor its level; a sentence without them goes to the process' stderr.
. "$(dirname "$0")/lib.sh"
golang go.uber.org/zap@v1.28.0 github.com/rs/zerolog@v1.35.1 github.com/sirupsen/logrus@v1.10.2 <<'PROGRAM'
package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"math"
	"strings"

	"github.com/rs/zerolog"
	"github.com/sirupsen/logrus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

var lines bytes.Buffer

func show(name string) {
	fmt.Println(name, "writes", lines.Len() > 0, "with its message", strings.Contains(lines.String(), "payment failed"))
	lines.Reset()
}

func main() {
	ratio := math.NaN()
	slog.New(slog.NewJSONHandler(&lines, nil)).Error("payment failed", "ratio", ratio)
	show("slog")
	encoder := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	zap.New(zapcore.NewCore(encoder, zapcore.AddSync(&lines), zap.InfoLevel)).Error("payment failed", zap.Float64("ratio", ratio))
	show("zap")
	logger := zerolog.New(&lines)
	logger.Error().Float64("ratio", ratio).Msg("payment failed")
	show("zerolog")
	other := logrus.New()
	other.Out = &lines
	other.Formatter = &logrus.JSONFormatter{}
	other.WithField("ratio", ratio).Error("payment failed")
	show("logrus")
}
PROGRAM
seen "logrus writes false with its message false" "slog writes true with its message true" "zap writes true with its message true" \
    "zerolog writes true with its message true"
