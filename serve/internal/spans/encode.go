package spans

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/protobuf/encoding/protowire"
)

// message is a message of protocol buffers in its binary form.
type message []byte

func (m *message) bytes(field protowire.Number, b []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), b)
}

func (m *message) text(field protowire.Number, s string) {
	if s != "" {
		*m = protowire.AppendString(protowire.AppendTag(*m, field, protowire.BytesType), s)
	}
}

func (m *message) number(field protowire.Number, v uint64) {
	if v != 0 {
		*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), v)
	}
}

func (m *message) fixed(field protowire.Number, v uint64) {
	*m = protowire.AppendFixed64(protowire.AppendTag(*m, field, protowire.Fixed64Type), v)
}

// encode writes spans as an ExportTraceServiceRequest of OTLP 1: the numbers are those of
// the fields in opentelemetry/proto/trace/v1/trace.proto and common/v1/common.proto. All
// spans are of one provider, and so of one resource, and of one tracer, the scope.
func encode(spans []sdk.ReadOnlySpan) []byte {
	var resource, scope, scopeSpans, resourceSpans, request message
	attributes(&resource, 1, spans[0].Resource().Attributes())
	scope.text(1, spans[0].InstrumentationScope().Name)
	scopeSpans.bytes(1, scope)
	for _, s := range spans {
		scopeSpans.bytes(2, span(s))
	}
	resourceSpans.bytes(1, resource)
	resourceSpans.bytes(2, scopeSpans)
	request.bytes(1, resourceSpans)
	return request
}

func span(s sdk.ReadOnlySpan) []byte {
	var m message
	c, parent := s.SpanContext(), s.Parent()
	trace, id := c.TraceID(), c.SpanID()
	m.bytes(1, trace[:])
	m.bytes(2, id[:])
	m.text(3, c.TraceState().String())
	if parent.HasSpanID() {
		id := parent.SpanID()
		m.bytes(4, id[:])
	}
	m.text(5, s.Name())
	m.number(6, uint64(s.SpanKind())) // the same numbers: 1 is internal, 2 a server
	m.fixed(7, uint64(s.StartTime().UnixNano()))
	m.fixed(8, uint64(s.EndTime().UnixNano()))
	attributes(&m, 9, s.Attributes())
	if st := s.Status(); st.Code == codes.Error {
		var status message
		status.text(2, st.Description)
		status.number(3, 2) // STATUS_CODE_ERROR; the interface counts otherwise
		m.bytes(15, status)
	}
	return m
}

// attributes writes each attribute as a KeyValue, a number as a number and anything but a
// number or a bool as text.
func attributes(m *message, field protowire.Number, list []attribute.KeyValue) {
	for _, a := range list {
		var value, pair message
		switch a.Value.Type() {
		case attribute.BOOL: // a value is one of several fields, and written even if it is 0
			value = protowire.AppendVarint(protowire.AppendTag(value, 2, protowire.VarintType), protowire.EncodeBool(a.Value.AsBool()))
		case attribute.INT64:
			value = protowire.AppendVarint(protowire.AppendTag(value, 3, protowire.VarintType), uint64(a.Value.AsInt64()))
		default:
			value.bytes(1, []byte(a.Value.String()))
		}
		pair.text(1, string(a.Key))
		pair.bytes(2, value)
		m.bytes(field, pair)
	}
}
