package spans

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// client is otlptrace.Client over HTTP. OpenTelemetry's own (otlptracehttp) would bring the
// collector's service and its REST gateway into the binary, which this does without.
type client struct {
	to     Endpoint
	log    *slog.Logger
	failed atomic.Bool // the last batch
}

// Start has nothing to do: a connection is made by the first batch.
func (c *client) Start(context.Context) error { return nil }

// Stop has nothing to do: a batch under way is its caller's.
func (c *client) Stop(context.Context) error { return nil }

// UploadTraces sends one batch. One that fails is lost, and logged if the one before it did
// not fail.
func (c *client) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	err := c.send(ctx, spans)
	if was := c.failed.Swap(err != nil); err != nil && !was {
		c.log.Warn("traces are lost", "collector", c.to.url, "error", err)
	} else if err == nil && was {
		c.log.Info("traces are taken again", "collector", c.to.url)
	}
	return err
}

func (c *client) send(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	// ExportTraceServiceRequest, which the service takes, has the same one field as
	// TracesData, and so the same bytes.
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, c.to.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	q.Header = c.to.header.Clone()
	a, err := http.DefaultClient.Do(q)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	io.Copy(io.Discard, io.LimitReader(a.Body, 64<<10)) // so that the connection can be used again
	if a.StatusCode/100 != 2 {
		return fmt.Errorf("status %s", a.Status)
	}
	return nil
}
