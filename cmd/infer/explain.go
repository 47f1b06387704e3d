package main

import (
	"fmt"
	"image"
	"strings"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
)

// explainer finds the permutations that a picture chooses. It is one worker's memory.
type explainer struct {
	s       *engine.Session
	p       *preprocess.Preprocessor
	in, out []float32
	usual   map[string]*engine.Permutation
}

// newExplainers returns one for each worker.
func newExplainers(model *engine.Model, workers int) ([]*explainer, error) {
	usual := map[string]*engine.Permutation{}
	for _, p := range model.Usual() {
		usual[p.Node] = &p
	}
	info := model.Info()
	all := make([]*explainer, workers)
	for i := range all {
		p, err := preprocess.New(model.Preprocess())
		if err != nil {
			return nil, err
		}
		s, err := model.NewSession()
		if err != nil {
			return nil, err
		}
		all[i] = &explainer{s, p, make([]float32, info.InputLen()), make([]float32, info.OutputLen()), usual}
	}
	return all, nil
}

// route is what one dynamic node chose for one picture.
type route struct {
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

func (e *explainer) explain(a *app, img image.Image) ([]route, error) {
	if err := e.p.Apply(e.in, img); err != nil {
		return nil, err
	}
	if err := e.s.Run(a.ctx, e.out, e.in); err != nil {
		return nil, err
	}
	var routes []route
	for _, p := range e.s.Permutations() {
		static := p.Static()
		r := route{
			Node: p.Node, Groups: p.Groups, Factors: [2]int{p.A, p.B}, Sigma: p.Sigma, Tau: p.Tau,
			Channels: p.Groups * p.A * p.B, Static: p.Differ(&static), chosen: p, usual: e.usual[p.Node],
		}
		if r.usual != nil {
			n := p.Differ(r.usual)
			r.Usual = &n
		}
		routes = append(routes, r)
	}
	return routes, nil
}

// routesText is for people: a line for each layer, and its small permutations.
func routesText(routes []route) string {
	var b strings.Builder
	if len(routes) == 0 {
		return "  routes: none; every shuffle of this network is fixed\n"
	}
	name := len("layer")
	for _, r := range routes {
		name = max(name, len(printable(r.Node)))
	}
	fmt.Fprintf(&b, "  %-*s  channels  groups   not as static   not as usual  sigma | tau\n", name, "layer")
	for _, r := range routes {
		usual := "?"
		if r.Usual != nil {
			usual = share(*r.Usual, r.Channels)
		}
		fmt.Fprintf(&b, "  %-*s  %8d  %6d  %14s  %13s  %s\n", name, printable(r.Node), r.Channels, r.Groups, share(r.Static, r.Channels), usual, r.small())
	}
	return b.String()
}

func share(n, of int) string { return fmt.Sprintf("%d (%d %%)", n, (100*n+of/2)/of) }

// small writes sigma and tau of each pair: "1 0 2 | 0 1 2 3; ...".
func (r *route) small() string {
	var pairs []string
	a, b := r.Factors[0], r.Factors[1]
	list := func(p []int32) string { return strings.Trim(fmt.Sprint(p), "[]") }
	for i := range r.chosen.Pairs {
		pairs = append(pairs, list(r.Sigma[i*a:][:a])+" | "+list(r.Tau[i*b:][:b]))
	}
	return strings.Join(pairs, "; ")
}
