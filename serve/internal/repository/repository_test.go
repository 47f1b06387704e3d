package repository

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/network"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// put writes a small network to DIR/name/version/model.rfl.
func put(t *testing.T, dir, name, version string, seed uint64) {
	t.Helper()
	m, err := zoo.Build(zoo.Arch{Family: "shufflenetv2", Width: 0.25, Size: 32, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(dir, name, version)
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := weights.WriteFile(filepath.Join(at, file), m); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string) *Repository {
	t.Helper()
	return keeping(t, dir, 0)
}

// served is the version that is served of a model, or what Acquire said.
func served(r *Repository, name string) string {
	n, release, err := r.Acquire(name, "")
	if err != nil {
		return err.Error()
	}
	defer release()
	return n.Version
}

func TestVersions(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a", "2", 1)
	put(t, dir, "a", "10", 2) // newer than 9 by number, not by text
	put(t, dir, "a", "9", 2)
	put(t, dir, "a", "011", 2) // no number as it is written
	put(t, dir, "b.c-d_e", "1", 3)
	put(t, dir, "no name", "1", 3)
	os.WriteFile(filepath.Join(dir, "README"), nil, 0o644)
	r := open(t, dir)
	if got := served(r, "a"); got != "10" {
		t.Errorf("version %s of a, want 10", got)
	}
	if got := len(r.Index()); got != 2 || !r.Complete() {
		t.Errorf("%d models, want 2", got)
	}
	for _, v := range []string{"9", "../a/9", "10 "} {
		if _, _, err := r.Acquire("a", v); fault.From(err).Kind != fault.NotFound {
			t.Errorf("version %q: %v", v, err)
		}
	}
	for _, name := range []string{"", ".", "..", "../a", "a/10", "/etc", "no name", "a\x00", strings.Repeat("x", 1000)} {
		if _, _, err := r.Acquire(name, ""); fault.From(err).Kind != fault.NotFound || len(err.Error()) > 200 {
			t.Errorf("model %q: %v", name, err)
		}
		if err := r.Load(t.Context(), name); fault.From(err).Kind != fault.NotFound {
			t.Errorf("loading %q: %v", name, err)
		}
	}
}

// A model that was acquired before a swap runs after it; then it is closed.
func TestSwap(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "m", "1", 1)
	r := open(t, dir)
	old, release, err := r.Acquire("m", "1")
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "m", "2", 2)
	if err := r.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := served(r, "m"); got != "2" {
		t.Errorf("version %s is served, want 2", got)
	}
	run := func(n *network.Network) error {
		x, err := n.Borrow()
		if err != nil {
			return err
		}
		defer n.Return(x)
		return x.Session.Run(context.Background(), x.Dst, x.Src)
	}
	if err := run(old); err != nil {
		t.Errorf("the old version while it is held: %v", err)
	}
	release()
	if err := run(old); err == nil {
		t.Error("the old version was not closed")
	}
	os.RemoveAll(filepath.Join(dir, "m", "2")) // back
	r.Scan(t.Context())
	if got := served(r, "m"); got != "1" {
		t.Errorf("version %s is served, want 1 again", got)
	}
	os.RemoveAll(filepath.Join(dir, "m"))
	r.Scan(t.Context())
	if got := served(r, "m"); !strings.Contains(got, "no model") {
		t.Errorf("a model that is gone: %s", got)
	}
}

// A version that cannot be loaded changes nothing but the index, and is tried again when
// its file has changed: it may have been half written.
func TestBroken(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "m", "1", 1)
	put(t, dir, "new", "1", 1)
	broken := filepath.Join(dir, "m", "2", file)
	os.MkdirAll(filepath.Dir(broken), 0o755)
	whole, err := os.ReadFile(filepath.Join(dir, "m", "1", file))
	if err != nil {
		t.Fatal(err)
	}
	r := open(t, dir)
	os.WriteFile(broken, whole[:len(whole)/2], 0o644)
	for range 2 {
		r.Scan(t.Context())
		if got := served(r, "m"); got != "1" {
			t.Errorf("%s is served, want version 1", got)
		}
		if s := r.Index()[:2]; s[0].State != Unavailable || s[0].Version != "2" || !strings.Contains(s[0].Reason, "wrong length") || s[1] != (State{"m", "1", Ready, ""}) {
			t.Errorf("index: %+v", s)
		}
		if !r.Complete() {
			t.Error("not ready, although version 1 goes on")
		}
	}
	if err := r.Load(t.Context(), "m"); err == nil || !strings.Contains(err.Error(), "wrong length") {
		t.Errorf("loading it says %v", err)
	}
	os.WriteFile(broken, whole, 0o644)
	r.Scan(t.Context())
	if got := served(r, "m"); got != "2" || r.Index()[0].Reason != "" {
		t.Errorf("%s is served, want version 2", got)
	}
	os.WriteFile(filepath.Join(dir, "new", "1", file), []byte("no model"), 0o644)
	r2 := open(t, dir)
	if r2.Complete() || !strings.Contains(served(r2, "new"), "not loaded") {
		t.Error("ready with a model that could not be loaded")
	}
}

func TestUnload(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "m", "1", 1)
	r := open(t, dir)
	if err := r.Unload("m"); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "m", "2", 2)
	r.Scan(t.Context())
	if got := served(r, "m"); !strings.Contains(got, "unloaded") || !r.Complete() {
		t.Errorf("after unloading: %s", got)
	}
	if err := r.Load(t.Context(), "m"); err != nil || served(r, "m") != "2" {
		t.Errorf("after loading: %v, %s", err, served(r, "m"))
	}
	if err := r.Unload("x"); fault.From(err).Kind != fault.NotFound {
		t.Errorf("unloading what is not there: %v", err)
	}
}

func TestConfig(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "m", "1", 1)
	config := filepath.Join(dir, "m", "config.json")
	os.WriteFile(config, []byte(`{"outputs": ["conv_1"], "threads": 2}`), 0o644)
	r := open(t, dir)
	n, release, err := r.Acquire("m", "")
	if err != nil {
		m, _ := weights.ReadFile(filepath.Join(dir, "m", "1", file))
		t.Fatalf("%v; first node %s", err, m.Graph.Nodes[0].Name)
	}
	defer release()
	if got := n.Info.Outputs; len(got) != 3 || got[1].Name != "conv_1" || n.Embedding != got[2].Name || n.Own != 1 {
		t.Errorf("outputs %v, embedding %q", got, n.Embedding)
	}
	for text, want := range map[string]string{
		`{"outputs": ["nothing"]}`: "nothing", `{"output": []}`: "unknown field", `{"threads": -1}`: "threads is -1", `{`: "EOF",
	} {
		os.WriteFile(config, []byte(text), 0o644)
		if err := r.Load(t.Context(), "m"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
		if served(r, "m") != "1" {
			t.Errorf("%s: the model is no longer served", text)
		}
	}
}
