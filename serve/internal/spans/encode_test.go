package spans

import (
	"context"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// keeper is an exporter that keeps what it is given.
type keeper struct{ spans []sdk.ReadOnlySpan }

func (k *keeper) ExportSpans(_ context.Context, s []sdk.ReadOnlySpan) error {
	k.spans = append(k.spans, s...)
	return nil
}
func (k *keeper) Shutdown(context.Context) error { return nil }

// What is written is what OpenTelemetry's own messages read: every field, and no other.
func TestEncode(t *testing.T) {
	var k keeper
	p := sdk.NewTracerProvider(sdk.WithSyncer(&k), sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", "s"))))
	state, _ := trace.ParseTraceState("a=b")
	caller := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1, 15: 2}, SpanID: trace.SpanID{3, 7: 4}, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: true})
	start := time.Unix(1, 500)
	ctx, outer := p.Tracer("scope").Start(trace.ContextWithRemoteSpanContext(t.Context(), caller), "outer", trace.WithTimestamp(start), trace.WithSpanKind(trace.SpanKindServer))
	_, inner := p.Tracer("scope").Start(ctx, "inner", trace.WithTimestamp(start), trace.WithAttributes(
		attribute.Int("zero", 0), attribute.Int("minus", -5), attribute.Bool("no", false), attribute.String("empty", ""), attribute.Float64("half", 0.5)))
	inner.End(trace.WithTimestamp(start.Add(time.Second)))
	outer.SetStatus(codes.Error, "broken")
	outer.End(trace.WithTimestamp(start.Add(time.Minute)))

	var got tracepb.TracesData // the same one field as ExportTraceServiceRequest
	if err := proto.Unmarshal(encode(k.spans), &got); err != nil {
		t.Fatal(err)
	}
	bytes := func(id trace.SpanID) []byte { return id[:] }
	of := caller.TraceID()
	text := func(s string) *commonpb.AnyValue {
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: s}}
	}
	number := func(n int64) *commonpb.AnyValue {
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: n}}
	}
	want := &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource: &resourcepb.Resource{Attributes: []*commonpb.KeyValue{{Key: "service.name", Value: text("s")}}},
		ScopeSpans: []*tracepb.ScopeSpans{{Scope: &commonpb.InstrumentationScope{Name: "scope"}, Spans: []*tracepb.Span{
			{
				TraceId: of[:], SpanId: bytes(inner.SpanContext().SpanID()), ParentSpanId: bytes(outer.SpanContext().SpanID()), TraceState: "a=b",
				Name: "inner", Kind: tracepb.Span_SPAN_KIND_INTERNAL, StartTimeUnixNano: 1e9 + 500, EndTimeUnixNano: 2e9 + 500,
				Attributes: []*commonpb.KeyValue{
					{Key: "zero", Value: number(0)}, {Key: "minus", Value: number(-5)},
					{Key: "no", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{}}},
					{Key: "empty", Value: text("")}, {Key: "half", Value: text("0.5")},
				},
			},
			{
				TraceId: of[:], SpanId: bytes(outer.SpanContext().SpanID()), ParentSpanId: bytes(caller.SpanID()), TraceState: "a=b",
				Name: "outer", Kind: tracepb.Span_SPAN_KIND_SERVER, StartTimeUnixNano: 1e9 + 500, EndTimeUnixNano: 61e9 + 500,
				Status: &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR, Message: "broken"},
			},
		}}},
	}}}
	if !proto.Equal(&got, want) {
		t.Errorf("got  %v\nwant %v", &got, want)
	}
}
