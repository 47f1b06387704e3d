// Package rest speaks the Open Inference Protocol over HTTP.
package rest

import (
	"net/http"
	"runtime/debug"

	"github.com/riffle-ml/riffle/serve/internal/core"
	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// New returns a handler of all that s has. page is what a browser finds at /, and needs no
// token, since it holds nothing of the server's; nil for none.
func New(c *core.Server, page http.Handler) http.Handler {
	s := server{c}
	open := http.NewServeMux() // for probes and browsers: no token
	open.HandleFunc("GET /v2/health/live", func(http.ResponseWriter, *http.Request) {})
	open.HandleFunc("GET /v2/health/ready", s.ready)
	if page == nil {
		page = http.HandlerFunc(unknown)
	}
	open.Handle("/", page)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2", s.metadata)
	mux.HandleFunc("GET /v2/{$}", s.metadata)
	for _, version := range []string{"", "/versions/{version}"} {
		mux.HandleFunc("GET /v2/models/{model}"+version, s.model)
		mux.HandleFunc("GET /v2/models/{model}"+version+"/ready", s.modelReady)
		mux.HandleFunc("POST /v2/models/{model}"+version+"/infer", s.infer)
	}
	mux.HandleFunc("POST /v2/repository/index", s.index)
	mux.HandleFunc("POST /v2/repository/models/{model}/load", control(c.Load))
	mux.HandleFunc("POST /v2/repository/models/{model}/unload", control(c.Unload))
	mux.Handle("GET /metrics", c.Seen.Handler())
	mux.HandleFunc("/", unknown)
	for _, path := range []string{"/v2", "/v2/", "/metrics"} {
		open.Handle(path, s.private(mux))
	}
	// A page of another site, open in a browser on this machine, must not reach a
	// server that listens on loopback.
	return s.caught(http.NewCrossOriginProtection().Handler(open))
}

func unknown(w http.ResponseWriter, r *http.Request) {
	fail(w, fault.New(fault.NotFound, "%s %.100q is nothing that this server has", r.Method, r.URL.Path))
}

// private asks for the token.
func (s server) private(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.Token.Check(r.Header.Get("Authorization")); err != nil {
			w.Header().Set("WWW-Authenticate", "Bearer")
			fail(w, err)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// caught answers a panic as the server's own error (one in a slot of the gate does not
// come here: the gate catches it).
func (s server) caught(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == http.ErrAbortHandler {
				panic(v)
			}
			if v != nil {
				s.Seen.Panic("", v, debug.Stack())
				fail(w, fault.New(fault.Internal, "the server's own error"))
			}
		}()
		h.ServeHTTP(w, r)
	})
}

func (s server) ready(w http.ResponseWriter, _ *http.Request) {
	if !s.Ready() {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}
