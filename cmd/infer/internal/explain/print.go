package explain

import (
	"fmt"
	"strings"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// Text is for people: a line for each layer, with its small permutations.
func Text(routes []Route) string {
	var b strings.Builder
	if len(routes) == 0 {
		return "  routes: none; every shuffle of this network is fixed\n"
	}
	name := len("layer")
	for _, r := range routes {
		name = max(name, len(cli.Printable(r.Node)))
	}
	fmt.Fprintf(&b, "  %-*s  channels  groups   not as static   not as usual  sigma | tau\n", name, "layer")
	for _, r := range routes {
		usual := "?"
		if r.Usual != nil {
			usual = share(*r.Usual, r.Channels)
		}
		fmt.Fprintf(&b, "  %-*s  %8d  %6d  %14s  %13s  %s\n", name, cli.Printable(r.Node), r.Channels, r.Groups, share(r.Static, r.Channels), usual, r.small())
	}
	return b.String()
}

func share(n, of int) string { return fmt.Sprintf("%d (%d %%)", n, (100*n+of/2)/of) }

// small writes sigma and tau of each pair: "1 0 2 | 0 1 2 3; ...".
func (r *Route) small() string {
	var pairs []string
	a, b := r.Factors[0], r.Factors[1]
	list := func(p []int32) string { return strings.Trim(fmt.Sprint(p), "[]") }
	for i := range r.chosen.Pairs {
		pairs = append(pairs, list(r.Sigma[i*a:][:a])+" | "+list(r.Tau[i*b:][:b]))
	}
	return strings.Join(pairs, "; ")
}
