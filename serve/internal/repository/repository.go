// Package repository serves the models of a directory, DIR/name/version/model.rfl, and
// follows what changes in it: a new version is loaded and warmed up beside the old one,
// swapped in, and the old one closed when its last run has ended. A version that cannot be
// loaded changes nothing but the index, which says why.
package repository

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/network"
)

// Options say what to serve.
type Options struct {
	Dir     string
	Load    network.Options
	Log     *slog.Logger
	Loaded  func(model, version string, took time.Duration, err error) // told of each load; may be nil
	Dropped func(model string)                                         // told when a model is gone; may be nil
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

// entry is one model. Its fields change under Repository.mu.
type entry struct {
	name     string
	holder   *engine.Holder   // nil while nothing is loaded
	network  *network.Network // what the holder holds
	tried    stamp            // what was last loaded, or could not be
	tryAgain bool             // a load was asked for
	unloaded bool             // somebody said so: it stays until somebody says load
	version  int              // the newest that was found
	err      error            // why it could not be loaded
}

// Acquire returns the version of a model that is served, and a function that must be
// called when it is no longer used. version may be "", which is any. The error is a
// fault.NotFound or fault.Unavailable.
func (r *Repository) Acquire(name, version string) (*network.Network, func(), error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	e := r.entries[name]
	switch {
	case r.closed:
		return nil, nil, fault.New(fault.Unavailable, "the server is shutting down")
	case e == nil:
		return nil, nil, fault.New(fault.NotFound, "no model %q", clip(name))
	case e.holder == nil && e.unloaded:
		return nil, nil, fault.New(fault.Unavailable, "model %s is unloaded", name)
	case e.holder == nil:
		return nil, nil, fault.New(fault.Unavailable, "model %s is not loaded: %v", name, e.err)
	case version != "" && version != e.network.Version:
		return nil, nil, fault.New(fault.NotFound, "model %s has no version %q: version %s is served", name, clip(version), e.network.Version)
	}
	// Under the lock, so that the holder's model is the network's.
	_, release, err := e.holder.Acquire()
	if err != nil {
		return nil, nil, err
	}
	return e.network, release, nil
}

// State describes one model for the index.
type State struct{ Name, Version, State, Reason string }

// Ready is the state of a model that is served.
const Ready = "READY"

// Index lists the models, sorted by name.
func (r *Repository) Index() []State {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var all []State
	for _, name := range slices.Sorted(maps.Keys(r.entries)) {
		e := r.entries[name]
		s := State{Name: name, Version: strconv.Itoa(e.version), State: "UNAVAILABLE"}
		switch {
		case e.holder != nil:
			s.State, s.Version = Ready, e.network.Version
			if e.err != nil {
				s.Reason = fmt.Sprintf("version %d could not be loaded, and version %s goes on: %v", e.version, s.Version, e.err)
			}
		case e.unloaded:
			s.Reason = "unloaded"
		case e.err != nil:
			s.Reason = e.err.Error()
		}
		all = append(all, s)
	}
	return all
}

// Complete says whether the directory was scanned and every model in it that nobody
// unloaded is served, in whichever version.
func (r *Repository) Complete() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, e := range r.entries {
		if e.holder == nil && !e.unloaded {
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
		e.drop()
	}
}

// drop lets an entry's network go, with the lock held.
func (e *entry) drop() {
	if e.holder != nil {
		e.holder.Close()
	}
	e.holder, e.network = nil, nil
}

func clip(s string) string {
	if len(s) > 100 {
		return s[:100] + "..."
	}
	return s
}
