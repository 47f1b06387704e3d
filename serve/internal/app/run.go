package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/serve/internal/core"
	"github.com/riffle-ml/riffle/serve/internal/gate"
	"github.com/riffle-ml/riffle/serve/internal/guard"
	"github.com/riffle-ml/riffle/serve/internal/network"
	"github.com/riffle-ml/riffle/serve/internal/predict"
	"github.com/riffle-ml/riffle/serve/internal/repository"
	"github.com/riffle-ml/riffle/serve/internal/seen"
)

// Run is the command: it serves until ctx ends (SIGTERM), then lets the requests under
// way finish. It returns the exit status: 0 after a clean end, 1 if it could not serve
// or requests had to be cut off, 2 for wrong usage.
func Run(ctx context.Context, args []string, stderr io.Writer) int {
	c, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	log, err := logger(c, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "riffle-serve:", err)
		return 2
	}
	defer spare(c)()
	if err := serve(ctx, c, log, nil); err != nil {
		log.Error("ended", "error", err)
		return 1
	}
	return 0
}

func logger(c config, w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.level)); err != nil {
		return nil, fmt.Errorf("-log is %q, want debug, info, warn or error", c.level)
	}
	o := &slog.HandlerOptions{Level: level}
	if c.json {
		return slog.New(slog.NewJSONHandler(w, o)), nil
	}
	return slog.New(slog.NewTextHandler(w, o)), nil
}

// serve starts all parts, from the lowest to the highest, and ends them the other way round.
// started, if it is not nil, is told when requests are answered.
func serve(ctx context.Context, c config, log *slog.Logger, started func(*doors)) error {
	start := time.Now()
	metrics := seen.New(log, c.queue)
	slots := gate.New(c.slots, c.queue, metrics)
	budget := guard.NewBudget(c.memory)
	var draining atomic.Bool
	s := &core.Server{
		Seen: metrics, Budget: budget, Control: c.control, MaxBody: c.body,
		Timeout: c.timeout, Patience: c.patience, Draining: draining.Load, Version: version(),
		Predictor: &predict.Predictor{Gate: slots, Budget: budget, Seen: metrics, Limits: predict.Limits{
			Samples: c.samples,
			Picture: preprocess.Options{MaxPixels: c.pixels, MaxBytes: c.body, MaxMemory: 4 * c.pixels},
		}},
	}
	var err error
	if s.Token, err = guard.ReadToken(c.token); err != nil {
		return err
	}
	tls, err := guard.TLS(c.cert, c.key, c.clients)
	if err != nil {
		return err
	}
	flush, err := traces(c, log, metrics)
	if err != nil {
		return err
	}
	// The addresses first: whoever cannot have them need not load anything.
	doors, err := open(c, s, tls)
	if err != nil {
		return err
	}
	s.Models, err = repository.Open(ctx, repository.Options{
		Dir: c.models, Versions: c.versions, Load: network.Options{Threads: c.threads}, Log: log, Loaded: metrics.Loaded,
		Dropped: func(model string) { slots.Forget(model); metrics.Dropped(model) },
	})
	if err != nil {
		doors.close()
		return err
	}
	watch, stop := context.WithCancel(ctx)
	defer stop()
	go s.Models.Watch(watch, c.poll)

	broken := doors.serve(s, c, log)
	log.Info("serving", "http", doors.http, "grpc", doors.grpc, "debug", doors.debug, "models", s.Models.Len(), "took", time.Since(start).Round(time.Microsecond))
	if started != nil {
		started(doors)
	}
	select {
	case err = <-broken:
	case <-ctx.Done():
	}

	log.Info("draining")
	draining.Store(true)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.drain+c.delay)
	defer cancel()
	err = errors.Join(err, doors.drain(last))
	err = errors.Join(err, slots.Close(last))
	s.Models.Close()
	flush(last)
	if err == nil {
		log.Info("ended")
	}
	return err
}

// version is that of the build, where it has one.
func version() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" {
		return b.Main.Version
	}
	return "devel"
}

// Main runs the command with the process's own arguments.
func Main(ctx context.Context) int { return Run(ctx, os.Args[1:], os.Stderr) }
