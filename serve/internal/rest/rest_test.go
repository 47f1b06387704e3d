package rest

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/core"
	"github.com/riffle-ml/riffle/serve/internal/seen"
)

// A panic is answered as the server's own error, counted and logged, and the server goes on.
func TestPanic(t *testing.T) {
	var log strings.Builder
	c := &core.Server{Seen: seen.New(slog.New(slog.NewTextHandler(&log, nil)), 1), Timeout: time.Second, Patience: time.Second, Draining: func() bool { return false }}
	s := httptest.NewServer(New(c, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh dear") })))
	defer s.Close()
	get := func(path string) (int, string) {
		a, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		b, _ := io.ReadAll(a.Body)
		return a.StatusCode, string(b)
	}
	for range 2 {
		if code, text := get("/"); code != 500 || text != "{\"error\":\"the server's own error\"}\n" {
			t.Errorf("%d %s", code, text)
		}
	}
	if _, text := get("/metrics"); !strings.Contains(text, "riffle_panics_total 2\n") {
		t.Error("the panics are not counted")
	}
	if !strings.Contains(log.String(), "oh dear") || !strings.Contains(log.String(), "rest_test.go") {
		t.Errorf("the log has neither value nor place: %s", log.String())
	}
}
