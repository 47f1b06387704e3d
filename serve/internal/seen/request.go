package seen

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// Call is one infer request while it is answered.
type Call struct {
	m        *Metrics
	protocol string
	start    time.Time
	Model    string // set when it is known to be one of the directory's
	In, Out  int    // bytes
	Trace    string // the caller's traceparent, see W3C Trace Context; may be ""
}

// Begin counts a request as under way.
func (m *Metrics) Begin(protocol string) *Call {
	m.inFlight.Inc()
	return &Call{m: m, protocol: protocol, start: time.Now()}
}

// End counts the answer, and logs a failure that is the server's own as an error and
// any other at level debug: clients must not be able to fill the log.
func (c *Call) End(ctx context.Context, err error) {
	m := c.m
	m.inFlight.Dec()
	took := time.Since(c.start)
	code := 200
	level := slog.LevelDebug
	if err != nil {
		e := fault.From(err)
		code = e.Kind.HTTP()
		if why := shedding(e); why != "" {
			m.shed.WithLabelValues(c.Model, why).Inc()
		}
		if e.Kind == fault.Internal {
			level = slog.LevelError
		}
	}
	m.requests.WithLabelValues(c.Model, c.protocol, strconv.Itoa(code)).Inc()
	m.latency.WithLabelValues(c.Model, c.protocol).Observe(took.Seconds())
	m.bytes.WithLabelValues(c.protocol, "in").Add(float64(c.In))
	m.bytes.WithLabelValues(c.protocol, "out").Add(float64(c.Out))
	if m.log.Enabled(ctx, level) {
		args := []any{"model", c.Model, "protocol", c.protocol, "code", code, "took", took, "in", c.In, "out", c.Out}
		if c.Trace != "" {
			args = append(args, "traceparent", c.Trace)
		}
		if err != nil {
			args = append(args, "error", err)
		}
		m.log.Log(ctx, level, "infer", args...)
	}
}
