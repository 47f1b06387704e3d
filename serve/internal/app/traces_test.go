package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// collector keeps the spans that are sent to it.
type collector struct {
	*httptest.Server
	mu      sync.Mutex
	spans   []*tracepb.Span
	service string
	key     string // the header api-key of the last batch
}

func collect(t *testing.T, status int) *collector {
	c := newCollector(t, status)
	c.Start()
	return c
}

// newCollector is a collector that has not begun to listen.
func newCollector(t *testing.T, status int) *collector {
	c := &collector{}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		var data tracepb.TracesData
		if err := proto.Unmarshal(b, &data); err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
			t.Errorf("%s %s: %v", r.URL.Path, r.Header, err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.key = r.Header.Get("Api-Key")
		for _, of := range data.ResourceSpans {
			for _, a := range of.Resource.Attributes {
				if a.Key == "service.name" {
					c.service = a.Value.GetStringValue()
				}
			}
			for _, s := range of.ScopeSpans {
				c.spans = append(c.spans, s.Spans...)
			}
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(c.Close)
	return c
}

// named returns the spans of a name.
func (c *collector) named(name string) (all []*tracepb.Span) {
	for _, s := range c.spans {
		if s.Name == name {
			all = append(all, s)
		}
	}
	return all
}

const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// A request is a span of the caller's trace, over both protocols, and the stages of
// its samples are that span's children.
func TestTraces(t *testing.T) {
	to := collect(t, 200)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b")
	r := start(t, "-otlp", to.URL)
	ship := picture(t, "ship")
	r.post("cifar10", ship, "Content-Type", "image/png", "traceparent", parent)
	r.post("cifar10-sds", manyPictures(t, 20))
	r.post("nothing", ship, "Content-Type", "image/png")
	_, err := r.dial(t).ModelInfer(metadata.AppendToOutgoingContext(t.Context(), "traceparent", parent), grpcPicture("cifar10", ship))
	if err != nil {
		t.Fatal(err)
	}
	r.stop() // which sends what is left

	if to.service != "riffle-serve" || to.key != "a b" {
		t.Errorf("service %q, header api-key %q", to.service, to.key)
	}
	own := to.named("infer cifar10")
	if len(own) != 2 || len(to.named("infer")) != 1 || len(to.named("infer cifar10-sds")) != 1 {
		t.Fatalf("spans %v", to.spans)
	}
	for _, s := range own {
		if hex.EncodeToString(s.TraceId) != parent[3:35] || hex.EncodeToString(s.ParentSpanId) != parent[36:52] || s.Kind != tracepb.Span_SPAN_KIND_SERVER {
			t.Errorf("span %v is not of the caller's trace", s)
		}
		for _, stage := range []string{"queue", "decode", "resize", "run"} {
			n := 0
			for _, c := range to.named(stage) {
				if string(c.ParentSpanId) == string(s.SpanId) {
					n++
					if c.StartTimeUnixNano < s.StartTimeUnixNano || c.EndTimeUnixNano < c.StartTimeUnixNano || c.EndTimeUnixNano > s.EndTimeUnixNano {
						t.Errorf("%s is not within its request", stage)
					}
				}
			}
			if n != 1 {
				t.Errorf("%d spans of stage %s, want 1", n, stage)
			}
		}
	}
	if got := len(to.named("run")); got != 2+8 { // not of every sample of a long request
		t.Errorf("%d spans of runs, want 10", got)
	}
}

// A collector behind TLS gets the traces if its certificate is of an authority that is
// trusted and, where it asks for one, the server's own certificate is of one that it trusts.
func TestTracesTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key := certificate(t, dir, "collector")
	own, ownKey := certificate(t, dir, "server")
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(own)
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(b)
	for _, c := range []struct {
		name  string
		env   []string
		known bool // whether the collector asks for a certificate
		want  int  // spans of requests
	}{
		{"an authority that the system has not", nil, false, 0},
		{"another authority", []string{"CERTIFICATE", own}, false, 0},
		{"its authority", []string{"CERTIFICATE", cert}, false, 1},
		{"no certificate", []string{"CERTIFICATE", cert}, true, 0},
		{"both", []string{"CERTIFICATE", cert, "CLIENT_CERTIFICATE", own, "CLIENT_KEY", ownKey}, true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			to := newCollector(t, 200)
			to.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
			to.Config.ErrorLog = log.New(io.Discard, "", 0)
			if c.known {
				to.TLS.ClientAuth, to.TLS.ClientCAs = tls.RequireAndVerifyClientCert, clients
			}
			to.StartTLS()
			for i := 0; i < len(c.env); i += 2 {
				t.Setenv("OTEL_EXPORTER_OTLP_"+c.env[i], c.env[i+1])
			}
			r := start(t, "-otlp", to.URL)
			if a := r.post("cifar10", picture(t, "ship"), "Content-Type", "image/png"); a.code != 200 {
				t.Errorf("%d %s", a.code, a.body)
			}
			r.stop()
			if got := len(to.named("infer cifar10")); got != c.want {
				t.Errorf("%d spans of requests came, want %d; the log: %s", got, c.want, r.log)
			}
			if lost := strings.Contains(r.log.String(), "traces are lost"); lost == (c.want > 0) {
				t.Errorf("the log: %s", r.log)
			}
		})
	}
}

// A collector that never answers does not keep the server from ending.
func TestTracesHang(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for seconds")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // connections wait to be accepted
	r := start(t, "-otlp", "http://"+l.Addr().String())
	if a := r.post("cifar10", picture(t, "ship"), "Content-Type", "image/png"); a.code != 200 {
		t.Errorf("%d %s", a.code, a.body)
	}
	begin := time.Now()
	if r.stop(); time.Since(begin) > 10*time.Second {
		t.Errorf("the end took %v, want the 5 s that the last traces are given", time.Since(begin))
	}
}

// What cannot be used of a collector harms nobody: not the requests, and not the end.
func TestTracesLost(t *testing.T) {
	ship := picture(t, "ship")
	to := collect(t, 503)
	r := start(t, "-otlp", to.URL)
	if a := r.post("cifar10", ship, "Content-Type", "image/png"); a.code != 200 {
		t.Errorf("%d %s", a.code, a.body)
	}
	r.stop()
	if !strings.Contains(r.log.String(), "traces are lost") {
		t.Errorf("the log does not say that traces are lost: %s", r.log)
	}
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317")
	r = start(t)
	if a := r.post("cifar10", ship, "Content-Type", "image/png"); a.code != 200 {
		t.Errorf("%d %s", a.code, a.body)
	}
	r.stop()
	if !strings.Contains(r.log.String(), "no traces") {
		t.Errorf("the log does not say that there are no traces: %s", r.log)
	}
	if code := Run(context.Background(), []string{"-models", r.dir, "-http", "127.0.0.1:0", "-grpc", "", "-otlp", "localhost:4317"}, io.Discard); code != 1 {
		t.Errorf("a collector in a flag that cannot be used: status %d, want 1", code)
	}
}
