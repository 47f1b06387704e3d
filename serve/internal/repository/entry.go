package repository

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/serve/internal/network"
)

// entry is one model. Its fields change under Repository.mu.
type entry struct {
	name     string
	newest   int            // version that was found
	served   []*loaded      // what is loaded, the newest version first
	failed   map[int]*trial // by version, those whose last load failed
	unloaded bool           // somebody said so: it stays until somebody says load
}

// loaded is one version that is loaded.
type loaded struct {
	number  int
	stamp   stamp            // of the files that it was loaded from
	holder  *engine.Holder   // closes the model after its last run
	network *network.Network // what the holder holds
}

// trial is a load that failed.
type trial struct {
	stamp stamp
	err   error
}

// at returns the version of that number, or nil.
func (e *entry) at(number int) *loaded {
	for _, v := range e.served {
		if v.number == number {
			return v
		}
	}
	return nil
}

// put makes a network the version of its number, in the place of the one that was
// loaded from earlier files of that version, if there is one.
func (e *entry) put(number int, s stamp, n *network.Network) {
	delete(e.failed, number)
	v := e.at(number)
	if v == nil {
		v = &loaded{number: number, holder: engine.NewHolder(n.Model)}
		e.served = append(e.served, v)
		slices.SortFunc(e.served, func(a, b *loaded) int { return cmp.Compare(b.number, a.number) })
	} else {
		v.holder.Swap(n.Model) // fails only after Close, which comes with removal from served
	}
	v.stamp, v.network = s, n
}

// keep lets all versions go for which wanted is false, or all of them if it is nil, and
// returns which those were.
func (e *entry) keep(wanted func(number int) bool) (gone []int) {
	e.served = slices.DeleteFunc(e.served, func(v *loaded) bool {
		if wanted != nil && wanted(v.number) {
			return false
		}
		v.holder.Close()
		gone = append(gone, v.number)
		return true
	})
	return gone
}

// versions names what is loaded, the newest first.
func (e *entry) versions() []string {
	names := make([]string, len(e.served))
	for i, v := range e.served {
		names[i] = v.network.Version
	}
	return names
}

// failure returns the newest version that could not be loaded, and why.
func (e *entry) failure() (number int, err error) {
	if len(e.failed) == 0 {
		return 0, nil
	}
	number = slices.Max(slices.Collect(maps.Keys(e.failed)))
	return number, e.failed[number].err
}

// why says why nothing is loaded.
func (e *entry) why() string {
	if e.unloaded {
		return "unloaded"
	}
	if _, err := e.failure(); err != nil {
		return fmt.Sprintf("not loaded: %v", err)
	}
	return "not loaded yet"
}
