package repository

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/network"
)

// keeping opens a directory with a policy.
func keeping(t *testing.T, dir string, versions int) *Repository {
	t.Helper()
	r, err := Open(t.Context(), Options{Dir: dir, Versions: versions, Load: network.Options{Threads: 1}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// The newest versions are kept loaded, as many as was said, and each is acquired by its
// number.
func TestKeepNewest(t *testing.T) {
	dir := t.TempDir()
	for i, v := range []string{"1", "2", "10"} {
		put(t, dir, "m", v, uint64(i))
	}
	r := keeping(t, dir, 2)
	check := func(when string, want ...string) {
		t.Helper()
		if got := r.Versions("m"); !slices.Equal(got, want) {
			t.Fatalf("%s: versions %v are loaded, want %v", when, got, want)
		}
		if got := served(r, "m"); got != want[0] {
			t.Errorf("%s: version %s answers, want %s", when, got, want[0])
		}
		for _, v := range want {
			n, release, err := r.Acquire("m", v)
			if err != nil || n.Version != v {
				t.Fatalf("%s: version %s: %v", when, v, err)
			}
			release()
		}
		var ready []string
		for _, s := range r.Index() {
			if s.State == Ready {
				ready = append(ready, s.Version)
			}
		}
		if !slices.Equal(ready, want) {
			t.Errorf("%s: the index has %v, want %v", when, ready, want)
		}
	}
	check("at first", "10", "2")
	if _, _, err := r.Acquire("m", "1"); fault.From(err).Kind != fault.NotFound || !strings.Contains(err.Error(), "it has 10, 2") {
		t.Errorf("version 1: %v", err)
	}
	old, release, err := r.Acquire("m", "2")
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "m", "11", 5)
	r.Scan(t.Context())
	check("a new one", "11", "10")
	x, err := old.Borrow()
	if err != nil || x.Session.Run(t.Context(), x.Dst, x.Src) != nil {
		t.Errorf("version 2 while it is held: %v", err)
	}
	release()
	os.RemoveAll(filepath.Join(dir, "m", "11"))
	os.RemoveAll(filepath.Join(dir, "m", "2"))
	r.Scan(t.Context())
	check("the newest removed", "10", "1")
	os.RemoveAll(filepath.Join(dir, "m", "1"))
	r.Scan(t.Context())
	check("the oldest removed", "10")
	os.WriteFile(filepath.Join(dir, "m", "config.json"), []byte(`{"versions": 1}`), 0o644)
	put(t, dir, "m", "12", 5)
	r.Scan(t.Context())
	check("one, by the model's configuration", "12")
}

// A start with a newest version that is broken serves the one before it, as the process
// before would have gone on to do.
func TestBrokenNewestAtStart(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "m", "1", 1)
	put(t, dir, "m", "2", 2)
	put(t, dir, "m", "3", 3)
	broken := filepath.Join(dir, "m", "3", file)
	whole, _ := os.ReadFile(broken)
	os.WriteFile(broken, whole[:100], 0o644)
	r := keeping(t, dir, 1)
	if got := served(r, "m"); got != "2" || !r.Complete() {
		t.Fatalf("%s is served, want version 2", got)
	}
	if i := r.Index(); len(i) != 2 || i[0].State != Unavailable || i[0].Reason == "" || i[1] != (State{"m", "2", Ready, ""}) {
		t.Errorf("index: %+v", i)
	}
	os.WriteFile(broken, whole, 0o644)
	r.Scan(t.Context())
	if got, i := r.Versions("m"), r.Index(); !slices.Equal(got, []string{"3"}) || len(i) != 1 {
		t.Errorf("%v are loaded, index %+v, want version 3 alone", got, i)
	}

	// The files of the version that is served become bad: what was loaded goes on.
	os.WriteFile(broken, whole[:100], 0o644)
	r.Scan(t.Context())
	if i := r.Index(); served(r, "m") != "3" || !strings.Contains(i[0].Reason, "what was loaded before goes on") || i[0].State != Ready {
		t.Errorf("index %+v", i)
	}
	// All are gone but one that is broken: there is nothing better than what is loaded.
	os.RemoveAll(filepath.Join(dir, "m", "3"))
	os.RemoveAll(filepath.Join(dir, "m", "2"))
	os.WriteFile(filepath.Join(dir, "m", "1", file), nil, 0o644)
	r.Scan(t.Context())
	if served(r, "m") != "3" {
		t.Errorf("%s", served(r, "m"))
	}
}

// A client that goes away while its load is under way leaves no failure behind.
func TestLoadGivenUp(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "m", "1", 1)
	r := keeping(t, dir, 1)
	put(t, dir, "m", "2", 2)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Load(ctx, "m"); err == nil {
		t.Error("a load that was given up has no error")
	}
	f := look(filepath.Join(dir, "m"))
	if r.try(ctx, r.entries["m"], f.versions[0], f) { // the client goes while the file is read
		t.Error("a version that was given up is there")
	}
	if i := r.Index(); len(i) != 1 || i[0].Reason != "" || served(r, "m") != "1" {
		t.Errorf("index %+v", i)
	}
	r.Scan(t.Context())
	if served(r, "m") != "2" {
		t.Errorf("version %s is served, want 2", served(r, "m"))
	}
}
