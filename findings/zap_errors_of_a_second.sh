#!/usr/bin/env bash
# zap v1.28.0 (Go), beside zerolog v1.35.1, logrus v1.10.2 and log/slog of Go: of 5,000 failed orders 149 are in the log.
# Expected: a line for each error, as the other three write; or one that says how many were left out.
# Seen: zap.NewProduction() writes the first 100 of one message within a second, then each hundredth, whatever its fields
# and its level, and says nothing of the others. An order of which nobody finds a line has failed all the same, and a rule
# on the rate of error lines sees the worst outage as a small one.
. "$(dirname "$0")/lib.sh"
golang go.uber.org/zap@v1.28.0 github.com/rs/zerolog@v1.35.1 github.com/sirupsen/logrus@v1.10.2 <<'PROGRAM'
package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/rs/zerolog"
	"github.com/sirupsen/logrus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// A clock that stands still: all of it happens within one second.
type still struct{ zapcore.Clock }

func (still) Now() time.Time { return time.Unix(1767225600, 0) }

func times(log func(order int)) {
	for order := range 5000 {
		log(order)
	}
}

func main() {
	config := zap.NewProductionConfig()
	config.OutputPaths = []string{"zap.log"}
	production, err := config.Build(zap.WithClock(still{zapcore.DefaultClock}))
	if err != nil {
		panic(err)
	}
	times(func(order int) { production.Error("order failed", zap.Int("order", order)) })
	written, _ := os.ReadFile("zap.log")
	fmt.Println("zap", bytes.Count(written, []byte("\n")))

	var zero, rus, sl bytes.Buffer
	zerologger := zerolog.New(&zero)
	times(func(order int) { zerologger.Error().Int("order", order).Msg("order failed") })
	logger := logrus.New()
	logger.Out = &rus
	times(func(order int) { logger.WithField("order", order).Error("order failed") })
	slogger := slog.New(slog.NewJSONHandler(&sl, nil))
	times(func(order int) { slogger.Error("order failed", "order", order) })
	fmt.Println("zerolog", bytes.Count(zero.Bytes(), []byte("\n")))
	fmt.Println("logrus", bytes.Count(rus.Bytes(), []byte("\n")))
	fmt.Println("slog", bytes.Count(sl.Bytes(), []byte("\n")))
}
PROGRAM
seen "zap 149" "zerolog 5000" "logrus 5000" "slog 5000"
