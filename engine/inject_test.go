package engine

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/weights"
)

// With sigma = tau = identity a dynamic shuffle is the channel shuffle of its
// groups: the same network with fixed shuffles gives the same bits.
func TestIdentityIsChannelShuffle(t *testing.T) {
	m := build(t, "shufflenetv2:0.5x@32,shuffle=dynamic")
	fixed := *m
	fixed.Graph.Nodes = slices.Clone(m.Graph.Nodes)
	drop := map[string]bool{}
	channels := map[string]int{}
	for i := range fixed.Graph.Nodes {
		n := &fixed.Graph.Nodes[i]
		if n.Op != weights.OpDynamicShuffle {
			continue
		}
		for _, name := range n.Tensors {
			drop[name] = true
		}
		g, f := n.Attrs["groups"][0], n.Attrs["factors"]
		c := g * f[0] * f[1]
		channels[n.Name] = c
		perm := make([]int, c)
		for j := range c / g {
			for i := range g {
				perm[j*g+i] = i*(c/g) + j
			}
		}
		n.Op, n.Tensors, n.Attrs = weights.OpShuffle, nil, map[string][]int{"perm": perm}
	}
	fixed.Tensors = slices.DeleteFunc(slices.Clone(m.Tensors), func(t weights.Tensor) bool { return drop[t.Name] })
	forEachSet(t, func(t *testing.T, isa string) {
		dynamic := mustNew(t, m, WithISA(isa))
		s, err := dynamic.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		in, out := randomInput(dynamic.plan.InLen, 9), make([]float32, dynamic.plan.OutLen)
		if err := s.Run(context.Background(), out, in); err != nil {
			t.Fatal(err)
		}
		chosen, own := s.Permutations(), slices.Clone(out)
		identity := s.Permutations()
		for i := range identity {
			for k := range identity[i].Sigma {
				identity[i].Sigma[k] = int32(k % identity[i].A)
			}
			for k := range identity[i].Tau {
				identity[i].Tau[k] = int32(k % identity[i].B)
			}
		}
		if err := s.Inject(identity); err != nil {
			t.Fatal(err)
		}
		if err := s.Run(context.Background(), out, in); err != nil {
			t.Fatal(err)
		}
		if want := runAll(t, mustNew(t, &fixed, WithISA(isa)), in); !slices.Equal(out, want) {
			t.Error("identity permutations give other bits than fixed channel shuffles")
		}
		if slices.Equal(out, own) {
			t.Error("identity permutations change nothing")
		}
		for _, p := range s.Permutations() {
			pi := p.Channels()
			if err := graph.CheckBijection(pi, channels[p.Node]); err != nil || pi[1] != channels[p.Node]/p.Groups {
				t.Errorf("%s: channels %v: %v", p.Node, pi[:4], err)
			}
		}
		// What is injected wrongly changes nothing; nil goes back to choosing.
		for _, bad := range [][]Permutation{
			{{Node: "nobody"}},
			{{Node: identity[0].Node, Sigma: identity[0].Sigma[:1], Tau: identity[0].Tau}},
			{{Node: identity[0].Node, Sigma: make([]int32, len(identity[0].Sigma)), Tau: identity[0].Tau}},
		} {
			if err := s.Inject(bad); !errors.Is(err, ErrModel) {
				t.Errorf("got %v, want an error", err)
			}
		}
		if err := s.Inject(nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Run(context.Background(), out, in); err != nil || !slices.Equal(out, own) {
			t.Errorf("after Inject(nil): %v, or other bits", err)
		}
		if again := s.Permutations(); !slices.EqualFunc(again, chosen, func(a, b Permutation) bool {
			return slices.Equal(a.Sigma, b.Sigma) && slices.Equal(a.Tau, b.Tau)
		}) {
			t.Error("after Inject(nil): other permutations")
		}
	})
}

// Every instruction set chooses the same permutations: they are decided in a
// fixed order of summation, and only the planes before them differ by rounding.
func TestPermutationsAgree(t *testing.T) {
	m := build(t, "shufflenetv2:0.5x@32,shuffle=dynamic")
	same, all := 0, 0
	var first [][]Permutation
	for k, isa := range Sets() {
		e := mustNew(t, m, WithISA(isa))
		s, err := e.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		out := make([]float32, e.plan.OutLen)
		for i := range 40 {
			if err := s.Run(context.Background(), out, randomInput(e.plan.InLen, uint64(i))); err != nil {
				t.Fatal(err)
			}
			p := s.Permutations()
			if k == 0 {
				first = append(first, p)
				continue
			}
			for j := range p {
				all++
				if slices.Equal(p[j].Sigma, first[i][j].Sigma) && slices.Equal(p[j].Tau, first[i][j].Tau) {
					same++
				}
			}
		}
	}
	// A logit decided by a hair may fall either way, and changes all layers after it.
	if all > 0 && same < all*95/100 {
		t.Errorf("%d of %d permutations agree between instruction sets, want 95 %%", same, all)
	}
	t.Logf("%d of %d permutations agree", same, all)
}
