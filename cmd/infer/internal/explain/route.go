// Package explain shows the permutations that a picture chose in a network with
// dynamic shuffles: as text, as JSON and as a drawing.
//
// It knows permutations and pictures. It must not know how a network runs.
package explain

import "github.com/riffle-ml/riffle/engine"

// Route is what one dynamic node chose for one picture.
type Route struct {
	Node     string  `json:"node"`
	Groups   int     `json:"groups"`
	Factors  [2]int  `json:"factors"`
	Sigma    []int32 `json:"sigma"` // of each pair, one after another
	Tau      []int32 `json:"tau"`
	Channels int     `json:"channels"`
	// Static and Usual count the channels that take another channel than under
	// the static shuffle, and than under the layer's usual permutation.
	Static int  `json:"not_as_static"`
	Usual  *int `json:"not_as_usual,omitempty"`

	chosen engine.Permutation
	usual  *engine.Permutation
}

// Usual is what each layer chose most often in training, by the node's name.
type Usual map[string]*engine.Permutation

// UsualOf asks a model for its usual permutations.
func UsualOf(m *engine.Model) Usual {
	u := Usual{}
	for _, p := range m.Usual() {
		u[p.Node] = &p
	}
	return u
}

// Routes describes the permutations of one run.
func (u Usual) Routes(chosen []engine.Permutation) []Route {
	var routes []Route
	for _, p := range chosen {
		static := p.Static()
		r := Route{
			Node: p.Node, Groups: p.Groups, Factors: [2]int{p.A, p.B}, Sigma: p.Sigma, Tau: p.Tau,
			Channels: p.Groups * p.A * p.B, Static: p.Differ(&static), chosen: p, usual: u[p.Node],
		}
		if r.usual != nil {
			n := p.Differ(r.usual)
			r.Usual = &n
		}
		routes = append(routes, r)
	}
	return routes
}
