// Package repository serves the models of a directory, DIR/name/version/model.rfl, and
// follows what changes in it: a new version is loaded and warmed up beside the old ones,
// answers from then on, and the oldest is closed when its last run has ended. A version
// that cannot be loaded changes nothing but the index, which says why.
package repository

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/network"
)

// Options say what to serve.
type Options struct {
	Dir      string
	Versions int // of each model are kept loaded: the newest that can be loaded; 0 is 1
	Load     network.Options
	Log      *slog.Logger
	Loaded   func(model, version string, took time.Duration, err error) // told of each load; may be nil
	Dropped  func(model string)                                         // told when a model is gone; may be nil
}

// Repository is a directory of models. All methods are safe for concurrent use.
type Repository struct {
	o    Options
	load sync.Mutex // one scan, and one load, at a time

	mu      sync.RWMutex // of what follows
	entries map[string]*entry
	scanned bool
	closed  bool
}

// Acquire returns a version of a model that is loaded, and a function that must be called
// when it is no longer used. version "" is the newest. The error is a fault.NotFound
// or fault.Unavailable.
func (r *Repository) Acquire(name, version string) (*network.Network, func(), error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	e := r.entries[name]
	switch {
	case r.closed:
		return nil, nil, fault.New(fault.Unavailable, "the server is shutting down")
	case e == nil:
		return nil, nil, fault.New(fault.NotFound, "no model %q", clip(name))
	case len(e.served) == 0:
		return nil, nil, fault.New(fault.Unavailable, "model %s is %s", name, e.why())
	}
	v := e.served[0]
	if version != "" {
		i := slices.IndexFunc(e.served, func(v *loaded) bool { return v.network.Version == version })
		if i < 0 {
			return nil, nil, fault.New(fault.NotFound, "model %s has no version %q loaded: it has %s", name, clip(version), strings.Join(e.versions(), ", "))
		}
		v = e.served[i]
	}
	// Under the lock, so that the holder's model is the network's.
	_, release, err := v.holder.Acquire()
	if err != nil {
		return nil, nil, err
	}
	return v.network, release, nil
}

// Versions lists a model's versions that are loaded, the newest first.
func (r *Repository) Versions(name string) []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if e := r.entries[name]; e != nil {
		return e.versions()
	}
	return nil
}

// Len is how many models the directory has.
func (r *Repository) Len() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.entries)
}

// Complete says whether the directory was scanned and every model in it that nobody
// unloaded is served, in whichever version.
func (r *Repository) Complete() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, e := range r.entries {
		if len(e.served) == 0 && !e.unloaded {
			return false
		}
	}
	return r.scanned && !r.closed
}

// Close lets all models go: each is closed when its last run has ended.
func (r *Repository) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for _, e := range r.entries {
		e.keep(nil)
	}
}

func clip(s string) string {
	if len(s) > 100 {
		return s[:100] + "..."
	}
	return s
}
