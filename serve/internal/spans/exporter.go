package spans

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// exporter is an sdk.SpanExporter. OpenTelemetry's own ones (otlptracehttp, otlptracegrpc)
// would make the command 1 MB larger: they bring a REST gateway, and code for every
// message of OTLP where this writes one.
type exporter struct {
	to     Endpoint
	log    *slog.Logger
	failed atomic.Bool // the last batch
}

// ExportSpans sends one batch. One that fails is lost, and logged if the one before it did
// not fail.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if len(spans) == 0 {
		return nil
	}
	err := e.send(ctx, encode(spans))
	if was := e.failed.Swap(err != nil); err != nil && !was {
		e.log.Warn("traces are lost", "collector", e.to.url, "error", err)
	} else if err == nil && was {
		e.log.Info("traces are taken again", "collector", e.to.url)
	}
	return err
}

// Shutdown has nothing to do: a batch under way is its caller's.
func (e *exporter) Shutdown(context.Context) error { return nil }

// send makes a connection, asks, and looks at the status. A batch comes every few seconds,
// so that connections need not be kept, and without http.Client the command is half a
// megabyte smaller. Proxies of the environment are not asked, and redirections not followed.
func (e *exporter) send(ctx context.Context, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	q, err := http.NewRequest(http.MethodPost, e.to.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	q.Header, q.Close = e.to.header, true
	c, err := dial(ctx, q.URL, e.to.tls)
	if err != nil {
		return err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	if err := q.Write(c); err != nil {
		return err
	}
	a, err := http.ReadResponse(bufio.NewReader(io.LimitReader(c, 64<<10)), q)
	if err != nil {
		return err
	}
	if a.StatusCode/100 != 2 {
		return fmt.Errorf("status %s", a.Status)
	}
	return nil
}

// dial connects to the host that an address names, by TLS if it says https. The certificate
// must be of that host.
func dial(ctx context.Context, u *url.URL, config *tls.Config) (net.Conn, error) {
	port := u.Port()
	if u.Scheme == "https" {
		return (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), cmp.Or(port, "443")))
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), cmp.Or(port, "80")))
}
