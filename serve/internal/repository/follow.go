package repository

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/riffle-ml/riffle/serve/internal/network"
)

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
			e.keep(nil)
			delete(r.entries, name)
			r.o.Log.Info("model removed", "model", name)
			if r.o.Dropped != nil {
				r.o.Dropped(name)
			}
		}
	}
	for name := range all {
		if r.entries[name] == nil {
			r.entries[name] = &entry{name: name, failed: map[int]*trial{}}
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

// follow brings one model into line: the newest versions that can be loaded are loaded,
// from the newest on, and the others let go once those are there.
func (r *Repository) follow(ctx context.Context, e *entry, f found) {
	most := max(1, r.o.Versions)
	if f.config.Versions > 0 {
		most = f.config.Versions
	}
	wanted := map[int]bool{}
	looked := map[int]bool{}
	for _, v := range f.versions {
		if len(wanted) == most || ctx.Err() != nil {
			break
		}
		if r.settled(e, v) || r.try(ctx, e, v, f) {
			wanted[v.number] = true
		}
		looked[v.number] = true
		if f.err != nil {
			break // all would say the same
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e.newest = f.versions[0].number
	maps.DeleteFunc(e.failed, func(n int, _ *trial) bool { return !looked[n] })
	if len(wanted) == 0 || ctx.Err() != nil {
		return // what is loaded goes on, even if its files are gone: there is nothing else
	}
	gone := e.keep(func(number int) bool { return wanted[number] })
	slices.Sort(gone)
	for _, n := range gone {
		r.o.Log.Info("version no longer served", "model", e.name, "version", n)
	}
}

// settled says whether a version is loaded from the files that are there.
func (r *Repository) settled(e *entry, v version) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := e.at(v.number); now != nil && now.stamp == v.stamp {
		delete(e.failed, v.number) // of files that have gone again
		return true
	}
	return false
}

// try loads a version, unless that failed before with the same files, and says whether
// the version is there now: if not from these files, then from earlier ones.
func (r *Repository) try(ctx context.Context, e *entry, v version, f found) bool {
	there := func() bool { return e.at(v.number) != nil }
	r.mu.Lock()
	t := e.failed[v.number]
	skip := e.unloaded || r.closed || t != nil && t.stamp == v.stamp
	ok := there()
	r.mu.Unlock()
	if skip {
		return ok
	}
	name := strconv.Itoa(v.number)
	start := time.Now()
	n, err := r.read(ctx, e.name, name, v, f)
	took := time.Since(start)
	if err != nil && ctx.Err() != nil { // who asked went away: that says nothing of the version
		return ok
	}
	if r.o.Loaded != nil {
		r.o.Loaded(e.name, name, took, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err != nil:
		e.failed[v.number] = &trial{v.stamp, err}
		r.o.Log.Error("model not loaded", "model", e.name, "version", name, "path", v.stamp.path, "error", err)
	case r.closed, e.unloaded: // meanwhile
		n.Model.Close()
	default:
		e.put(v.number, v.stamp, n)
		r.o.Log.Info("model loaded", "model", e.name, "version", name, "took", took.Round(time.Microsecond))
	}
	return there()
}

// read loads one version.
func (r *Repository) read(ctx context.Context, name, number string, v version, f found) (*network.Network, error) {
	if f.err != nil {
		return nil, f.err
	}
	o := r.o.Load
	o.Outputs = append(o.Outputs[:len(o.Outputs):len(o.Outputs)], f.config.Outputs...)
	if f.config.Threads > 0 {
		o.Threads = f.config.Threads
	}
	return network.Load(ctx, v.stamp.path, name, number, o)
}
