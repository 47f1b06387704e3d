package repository

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/network"
)

// Watch scans the directory at each interval until ctx ends. It asks instead of being
// told, because what is told (inotify) does not come from network volumes, and a scan of
// a thousand models takes milliseconds.
func (r *Repository) Watch(ctx context.Context, interval time.Duration) {
	t := time.NewTicker(interval)
	defer t.Stop()
	failed := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		err := r.Scan(ctx)
		if err != nil && !failed {
			r.o.Log.Error("the directory of models cannot be read; what is loaded goes on", "error", err)
		}
		failed = err != nil
	}
}

// Scan brings what is served into line with the directory, and returns when all that
// changed is loaded.
func (r *Repository) Scan(ctx context.Context) error {
	r.load.Lock()
	defer r.load.Unlock()
	all, err := scan(r.o.Dir)
	if err != nil {
		return err
	}
	r.mu.Lock()
	for name, e := range r.entries {
		if _, ok := all[name]; !ok {
			e.drop()
			delete(r.entries, name)
			r.o.Log.Info("model removed", "model", name)
			if r.o.Dropped != nil {
				r.o.Dropped(name)
			}
		}
	}
	for name := range all {
		if r.entries[name] == nil {
			r.entries[name] = &entry{name: name}
		}
	}
	r.mu.Unlock()
	var loading errgroup.Group
	loading.SetLimit(runtime.GOMAXPROCS(0))
	for name, f := range all {
		e := r.entries[name] // entries are made and deleted under r.load alone
		loading.Go(func() error { r.follow(ctx, e, f); return nil })
	}
	loading.Wait()
	r.mu.Lock()
	r.scanned = true
	r.mu.Unlock()
	return ctx.Err()
}

// follow loads what was found of one model, unless it was tried before.
func (r *Repository) follow(ctx context.Context, e *entry, f found) {
	r.mu.Lock()
	e.version = f.version
	skip := e.unloaded || e.tried == f.stamp && !e.tryAgain || r.closed
	e.tryAgain = false
	r.mu.Unlock()
	if skip || ctx.Err() != nil {
		return
	}
	version := strconv.Itoa(f.version)
	start := time.Now()
	n, err := r.read(ctx, e.name, version, f)
	took := time.Since(start)
	if r.o.Loaded != nil {
		r.o.Loaded(e.name, version, took, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e.tried, e.err = f.stamp, err
	switch {
	case err != nil:
		r.o.Log.Error("model not loaded", "model", e.name, "version", version, "path", f.path, "error", err)
		return
	case r.closed, e.unloaded: // meanwhile
		n.Model.Close()
		return
	case e.holder == nil:
		e.holder = engine.NewHolder(n.Model)
	default:
		e.holder.Swap(n.Model) // fails only after Close, which drop does under this lock
	}
	e.network = n
	r.o.Log.Info("model loaded", "model", e.name, "version", version, "took", took.Round(time.Microsecond))
}

// read loads one version.
func (r *Repository) read(ctx context.Context, name, version string, f found) (*network.Network, error) {
	if f.err != nil {
		return nil, f.err
	}
	o := r.o.Load
	o.Outputs = append(o.Outputs[:len(o.Outputs):len(o.Outputs)], f.config.Outputs...)
	if f.config.Threads > 0 {
		o.Threads = f.config.Threads
	}
	return network.Load(ctx, f.path, name, version, o)
}

// Load loads a model's newest version: one that was unloaded, that failed, or that no scan
// has seen yet. It loads one that is served anew only if its file changed. When it
// returns nil, the model is ready.
func (r *Repository) Load(ctx context.Context, name string) error {
	r.mu.Lock()
	if e := r.entries[name]; e != nil {
		e.tryAgain = e.holder == nil || e.err != nil
		e.unloaded = false
	}
	r.mu.Unlock()
	if err := r.Scan(ctx); err != nil {
		return err
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	e := r.entries[name]
	if e == nil {
		return fault.New(fault.NotFound, "no model %q in the directory", clip(name))
	}
	if e.err != nil {
		return fault.New(fault.Invalid, "model %s: version %d could not be loaded: %w", name, e.version, e.err)
	}
	return nil
}

// Unload lets a model go until somebody loads it. Runs under way end as they would have.
func (r *Repository) Unload(name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.entries[name]
	if e == nil {
		return fault.New(fault.NotFound, "no model %q", clip(name))
	}
	e.unloaded = true
	e.drop()
	e.err = errors.New("unloaded")
	r.o.Log.Info("model unloaded", "model", name)
	return nil
}
