package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/seen"
	"github.com/riffle-ml/riffle/serve/internal/spans"
)

// traces begins to send traces, if a collector is named. stop sends the last of them, and
// gives up with its context. A collector in the environment, which may be that of a whole
// cluster, does not keep the server from starting if it cannot be used; one in a flag does.
func traces(c config, log *slog.Logger, m *seen.Metrics) (stop func(context.Context), err error) {
	stop = func(context.Context) {}
	to, err := spans.Find(c.otlp)
	if err != nil && c.otlp == "" {
		log.Warn("no traces", "error", err)
		return stop, nil
	}
	if err != nil || to == nil {
		return stop, err
	}
	p, err := spans.New(to, "riffle-serve", version(), log)
	if err != nil {
		return stop, err
	}
	m.Trace(p)
	return func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		p.Shutdown(ctx) // what it could not send, it logged
	}, nil
}
