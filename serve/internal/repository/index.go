package repository

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// State describes one version of a model for the index.
type State struct{ Name, Version, State, Reason string }

// Ready is the state of a version that is served; any other is Unavailable.
const (
	Ready       = "READY"
	Unavailable = "UNAVAILABLE"
)

// Index lists the versions that are loaded and those that could not be, sorted by name, the
// newest version first. A model of which there is neither has its newest version there.
func (r *Repository) Index() []State {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var all []State
	for _, name := range slices.Sorted(maps.Keys(r.entries)) {
		all = append(all, r.entries[name].index()...)
	}
	return all
}

// index lists one model's versions.
func (e *entry) index() []State {
	numbers := slices.Collect(maps.Keys(e.failed))
	for _, v := range e.served {
		if e.failed[v.number] == nil {
			numbers = append(numbers, v.number)
		}
	}
	if len(numbers) == 0 {
		return []State{{e.name, strconv.Itoa(e.newest), Unavailable, e.why()}}
	}
	slices.SortFunc(numbers, func(a, b int) int { return cmp.Compare(b, a) })
	var all []State
	for _, n := range numbers {
		s := State{Name: e.name, Version: strconv.Itoa(n), State: Ready}
		f := e.failed[n]
		switch {
		case e.at(n) == nil:
			s.State, s.Reason = Unavailable, f.err.Error()
		case f != nil:
			s.Reason = fmt.Sprintf("its files changed and could not be loaded, so that what was loaded before goes on: %v", f.err)
		}
		all = append(all, s)
	}
	return all
}
