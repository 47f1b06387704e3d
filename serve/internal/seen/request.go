package seen

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// Call is one infer request while it is answered.
type Call struct {
	m              *Metrics
	protocol       string
	start          time.Time
	parent         string     // the caller's traceparent, see W3C Trace Context; may be ""
	span           trace.Span // nil: no traces
	Model, Version string     // set when they are known to be of the directory
	In, Out        int        // bytes
}

// Begin counts a request as under way. carrier is its headers, in which the caller may have
// said which trace the request belongs to. The context is the request's from now on.
func (m *Metrics) Begin(ctx context.Context, protocol string, carrier propagation.TextMapCarrier) (*Call, context.Context) {
	m.inFlight.Inc()
	c := &Call{m: m, protocol: protocol, start: time.Now(), parent: carrier.Get("traceparent")}
	return c, c.begin(ctx, carrier)
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
	c.end(code, err)
	if m.log.Enabled(ctx, level) {
		args := []any{"model", c.Model, "protocol", c.protocol, "code", code, "took", took, "in", c.In, "out", c.Out}
		if c.parent != "" {
			args = append(args, "traceparent", c.parent)
		}
		if err != nil {
			args = append(args, "error", err)
		}
		m.log.Log(ctx, level, "infer", args...)
	}
}
