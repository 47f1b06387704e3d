package seen

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// traced is of how many samples of a request the stages are spans: a picture is looked at
// in a trace, hundreds are looked at in metrics.
const traced = 8

// Trace makes each infer request a span, with the stages of its samples as children. It
// is called before the first request.
func (m *Metrics) Trace(p trace.TracerProvider) {
	m.tracer = p.Tracer("github.com/riffle-ml/riffle/serve")
}

// begin starts the request's span, as a child of the caller's if it named one.
func (c *Call) begin(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	if c.m.tracer == nil {
		return ctx
	}
	ctx = propagation.TraceContext{}.Extract(ctx, carrier)
	ctx, c.span = c.m.tracer.Start(ctx, "infer", trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(c.start))
	return ctx
}

// end ends the request's span. code is the HTTP status, or the one that stands for the gRPC
// code.
func (c *Call) end(code int, err error) {
	if c.span == nil {
		return
	}
	if c.Model != "" {
		c.span.SetName("infer " + c.Model)
	}
	c.span.SetAttributes(
		attribute.String("riffle.model", c.Model), attribute.String("riffle.version", c.Version),
		attribute.String("network.protocol.name", c.protocol), attribute.Int("http.response.status_code", code),
		attribute.Int("http.request.body.size", c.In), attribute.Int("http.response.body.size", c.Out),
	)
	if code >= 500 { // a client's mistake is no failure of the server's span
		c.span.SetStatus(codes.Error, err.Error())
	}
	c.span.End()
}

// stageSpan makes a stage that has ended a child of the request's span.
func (m *Metrics) stageSpan(ctx context.Context, stage string, i int, start time.Time, d time.Duration) {
	if m.tracer == nil || i >= traced {
		return
	}
	_, s := m.tracer.Start(ctx, stage, trace.WithTimestamp(start), trace.WithAttributes(attribute.Int("riffle.sample", i)))
	s.End(trace.WithTimestamp(start.Add(d)))
}

func (m *Metrics) batchSpan(ctx context.Context, n int) {
	if m.tracer != nil {
		trace.SpanFromContext(ctx).SetAttributes(attribute.Int("riffle.samples", n))
	}
}
