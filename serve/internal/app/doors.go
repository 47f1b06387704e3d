package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/riffle-ml/riffle/serve/internal/core"
	"github.com/riffle-ml/riffle/serve/internal/guard"
	"github.com/riffle-ml/riffle/serve/internal/page"
	"github.com/riffle-ml/riffle/serve/internal/rest"
	"github.com/riffle-ml/riffle/serve/internal/rpc"
)

// doors are the server's listeners, and the servers behind them.
type doors struct {
	http, grpc, debug string // the addresses they have
	listeners         map[string]*guard.Listener
	tls               *tls.Config

	web, pprof *http.Server
	rpc        *grpc.Server
	delay      time.Duration
}

// open listens on the addresses.
func open(c config, s *core.Server, config *tls.Config) (*doors, error) {
	d := &doors{tls: config, listeners: map[string]*guard.Listener{}, delay: c.delay}
	for _, a := range []struct {
		flag, address string
		got           *string
	}{{"http", c.http, &d.http}, {"grpc", c.grpc, &d.grpc}, {"debug", c.debug, &d.debug}} {
		if a.address == "" {
			continue
		}
		l, err := net.Listen("tcp", a.address)
		if err != nil {
			d.close()
			return nil, fmt.Errorf("-%s: %w", a.flag, err)
		}
		d.listeners[a.flag] = guard.NewListener(l, c.connections, a.flag != "grpc", s.Seen.Connections)
		*a.got = l.Addr().String()
	}
	return d, nil
}

func (d *doors) close() {
	for _, l := range d.listeners {
		l.Close()
	}
}

// serve answers on all listeners. A value on the channel says that one of them ended.
func (d *doors) serve(s *core.Server, c config, logger *slog.Logger) <-chan error {
	broken := make(chan error, len(d.listeners))
	if l := d.listeners["http"]; l != nil {
		var p http.Handler
		if c.page {
			p = page.Handler()
		}
		d.web = web(rest.New(s, p), l, c)
		d.web.ConnState = l.State
		var on net.Listener = l
		if d.tls != nil {
			config := d.tls.Clone()
			config.NextProtos = []string{"http/1.1"} // by which the listener knows idle connections
			on = tls.NewListener(l, config)
		}
		go func() { broken <- ended(d.web.Serve(on)) }()
	}
	if l := d.listeners["grpc"]; l != nil {
		var creds credentials.TransportCredentials
		if d.tls != nil {
			creds = credentials.NewTLS(d.tls.Clone())
		}
		d.rpc = rpc.New(s, creds, int(max(1, c.memory/c.body)))
		go func() { broken <- ended(d.rpc.Serve(l)) }()
	}
	if l := d.listeners["debug"]; l != nil {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", s.Seen.Handler())
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
		mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
		d.pprof = web(mux, l, c)
		d.pprof.ConnState = l.State
		go func() { broken <- ended(d.pprof.Serve(l)) }()
	}
	return broken
}

// web is an HTTP server with bounds on what a connection may take.
func web(h http.Handler, l net.Listener, c config) *http.Server {
	if guard.Loopback(l.Addr()) {
		h = guard.Hosts(h, c.hosts)
	}
	h = guard.Patience(h, c.patience, 2*c.patience+c.timeout)
	return &http.Server{
		Handler: h, ReadHeaderTimeout: min(5*time.Second, c.patience), IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		// What clients do wrong in TLS or HTTP is no event of the server's.
		ErrorLog: log.New(io.Discard, "", 0),
	}
}

// drain stops accepting, and waits for the requests under way until ctx ends; then it cuts
// them off.
func (d *doors) drain(ctx context.Context) error {
	if d.delay > 0 {
		select {
		case <-time.After(d.delay):
		case <-ctx.Done():
		}
	}
	var errs []error
	if d.rpc != nil {
		done := make(chan struct{})
		go func() { d.rpc.GracefulStop(); close(done) }()
		defer func() {
			select {
			case <-done:
			case <-ctx.Done():
				d.rpc.Stop()
			}
		}()
	}
	for _, s := range []*http.Server{d.web, d.pprof} {
		if s == nil {
			continue
		}
		if err := s.Shutdown(ctx); err != nil {
			s.Close()
			errs = append(errs, fmt.Errorf("requests were cut off: %w", err))
		}
	}
	return errors.Join(errs...)
}

// ended is the error of a server that was not told to end.
func ended(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, grpc.ErrServerStopped) {
		return nil
	}
	return err
}
