package repository

import (
	"context"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// Load loads a model's newest versions: of one that was unloaded, whose load failed, or that no
// scan has seen yet. A version that is loaded is loaded anew only if its files changed.
// When it returns nil, the model is ready.
func (r *Repository) Load(ctx context.Context, name string) error {
	r.mu.Lock()
	if e := r.entries[name]; e != nil {
		clear(e.failed)
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
	if number, err := e.failure(); err != nil {
		return fault.New(fault.Invalid, "model %s: version %d could not be loaded: %w", name, number, err)
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
	clear(e.failed)
	e.keep(nil)
	r.o.Log.Info("model unloaded", "model", name)
	return nil
}

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
