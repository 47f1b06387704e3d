package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// running is a server that a test started.
type running struct {
	t    testing.TB
	dir  string // of models
	http string // http://address
	grpc string

	debug string // http://address, with -debug
	log   *bytes.Buffer
	stop  func() error // drains it
	cut   bool         // whether that is known to fail
}

// start serves the embedded models cifar10 and cifar10-sds, on addresses of its own.
func start(t testing.TB, flags ...string) *running {
	t.Helper()
	r := &running{t: t, dir: t.TempDir()}
	for _, name := range []string{"cifar10", "cifar10-sds"} {
		r.put(name, "1", name)
	}
	return r.start(flags...)
}

// put makes an embedded model a version of a model in the directory, as people should:
// written elsewhere, and moved.
func (r *running) put(name, version, of string) {
	r.t.Helper()
	b, err := zoo.Bytes(of)
	if err != nil {
		r.t.Fatal(err)
	}
	tmp, err := os.MkdirTemp(r.dir, ".new")
	if err != nil {
		r.t.Fatal(err)
	}
	os.WriteFile(filepath.Join(tmp, "model.rfl"), b, 0o644)
	os.MkdirAll(filepath.Join(r.dir, name), 0o755)
	if err := os.Rename(tmp, filepath.Join(r.dir, name, version)); err != nil {
		r.t.Fatal(err)
	}
}

func (r *running) start(flags ...string) *running {
	t := r.t
	t.Helper()
	c, err := parse(append([]string{"-models", r.dir, "-http", "127.0.0.1:0", "-grpc", "127.0.0.1:0", "-poll", "20ms"}, flags...), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	r.log = &bytes.Buffer{}
	ctx, cancel := context.WithCancel(context.Background())
	opened := make(chan *doors, 1)
	done := make(chan error, 1)
	go func() {
		done <- serve(ctx, c, slog.New(slog.NewTextHandler(r.log, nil)), func(d *doors) { opened <- d })
	}()
	select {
	case d := <-opened:
		r.http, r.grpc, r.debug = "http://"+d.http, d.grpc, "http://"+d.debug
	case err := <-done:
		t.Fatal(err)
	}
	r.stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() {
		if err := r.stop(); err != nil && !r.cut {
			t.Errorf("draining: %v", err)
		}
	})
	return r
}

// reply is an answer of the server.
type reply struct {
	code   int
	body   []byte
	header http.Header
}

// send sends a request; headers are name and value in turn.
func (r *running) send(method, path string, body io.Reader, headers ...string) reply {
	r.t.Helper()
	q, err := http.NewRequest(method, r.http+path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	a, err := http.DefaultClient.Do(q)
	if err != nil {
		r.t.Error(err)
		return reply{}
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		r.t.Error(err)
	}
	return reply{a.StatusCode, b, a.Header}
}

// post sends a body to a model's infer.
func (r *running) post(model string, body []byte, headers ...string) reply {
	r.t.Helper()
	return r.send("POST", "/v2/models/"+model+"/infer", bytes.NewReader(body), headers...)
}

// output finds an output's data in an answer without binary data.
func (a reply) output(t testing.TB, name string, data any) (shape []int) {
	t.Helper()
	var v struct {
		Error   string
		Outputs []struct {
			Name  string
			Shape []int
			Data  json.RawMessage
		}
	}
	if err := json.Unmarshal(a.body, &v); err != nil || a.code != 200 {
		t.Fatalf("status %d: %v: %.300s", a.code, err, a.body)
	}
	for _, o := range v.Outputs {
		if o.Name == name {
			if err := json.Unmarshal(o.Data, data); err != nil {
				t.Fatal(err)
			}
			return o.Shape
		}
	}
	t.Fatalf("no output %s in %.300s", name, a.body)
	return nil
}

// fails says where an answer is not the failure that is wanted.
func (a reply) fails(t testing.TB, what string, code int, text string) {
	t.Helper()
	var v struct{ Error string }
	if err := json.Unmarshal(a.body, &v); a.code != code || err != nil || !strings.Contains(v.Error, text) {
		t.Errorf("%s: %d %.200s, want %d and %q", what, a.code, a.body, code, text)
	}
}

func picture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../../testdata/pictures", name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// loaded is an embedded model as the engine runs it, to compare with.
func loaded(t testing.TB, name string) *engine.Model {
	t.Helper()
	b, err := zoo.Bytes(name)
	if err != nil {
		t.Fatal(err)
	}
	m, err := engine.LoadBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// within waits until ok, and fails the test after a minute.
func within(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not happen within a minute", what)
		}
	}
}
