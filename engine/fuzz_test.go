package engine

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/engine/internal/op"
	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
)

// FuzzModel changes models of all operators in ways that leave them files that
// can be read, checksums and all: what the engine then accepts it computes as
// the textbook does, with one thread and several, in every instruction set, and what it
// refuses it refuses in one line of a known error.
func FuzzModel(f *testing.F) {
	for i := range uint64(40) {
		f.Add(i, i, uint8(i%6))
	}
	f.Fuzz(func(t *testing.T, seed, random uint64, edits uint8) {
		m := growGraph(seed)
		rng := rand.New(rand.NewPCG(random, 11))
		for range edits % 6 {
			spoil(m, rng)
		}
		m.Sort()
		b, err := m.Encode()
		if err != nil {
			var fe *weights.FormatError
			if !errors.As(err, &fe) {
				t.Fatalf("got %v, want a FormatError", err)
			}
			return
		}
		one, err := LoadBytes(b, WithThreads(1), WithMaxActivations(1<<22))
		if err != nil {
			var me *ModelError
			if !errors.As(err, &me) && !errors.Is(err, ErrLimit) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("got %q, want one line of a ModelError", err)
			}
			return
		}
		one.Close()
		if one.info.MACs > 1<<20 || one.plan.Arena > 1<<20 {
			return
		}
		in := randomInput(one.plan.InLen, seed)
		for _, isa := range Sets() {
			var want []float32
			for _, threads := range []int{1, 3} {
				e := mustNew(t, m, WithISA(isa), WithThreads(threads))
				s, err := e.NewSession()
				if err != nil {
					t.Fatal(err)
				}
				for i := range s.run.Memory.Arena {
					s.run.Memory.Arena[i] = float32(math.NaN())
				}
				out := make([]float32, e.plan.OutLen)
				if err := s.Run(context.Background(), out, in); err != nil {
					t.Fatal(err)
				}
				if want == nil {
					want = out
					agrees(t, m, s, in, out)
				} else if !slices.EqualFunc(out, want, func(a, b float32) bool { return a == b || a != a && b != b }) {
					t.Fatalf("%s: three threads give other bits than one\n%s", isa, graphText(m))
				}
			}
		}
	})
}

// agrees compares with the oracle, given what the session chose.
func agrees(t *testing.T, m *weights.Model, s *Session, in, out []float32) {
	t.Helper()
	inject := oracle.Permutations{}
	for _, p := range s.Permutations() {
		inject[p.Node] = [2][]int{ints(p.Sigma), ints(p.Tau)}
	}
	vals := oracle.Run(m, in, inject)
	for _, v := range vals {
		for _, x := range v.Data {
			if !(x > -1e30 && x < 1e30) {
				return // float32 may overflow where float64 does not
			}
		}
	}
	at := 0
	for _, name := range m.Graph.Outputs {
		want := vals[name].Data
		if e := relError(out[at:at+len(want)], want); e > 1e-2 { // a sum may cancel; a bug is far above
			t.Fatalf("output %s: relative error %.3g\n%s", name, e, graphText(m))
		}
		at += len(want)
	}
}

var odd = []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 64, 255, 4096, 4097, 1 << 20, 1<<31 - 1, -1, -2, -1 << 31}

// spoil makes one change.
func spoil(m *weights.Model, rng *rand.Rand) {
	g := &m.Graph
	n := &g.Nodes[rng.IntN(len(g.Nodes))]
	number := func(now int) int {
		if rng.IntN(2) == 0 {
			return now + rng.IntN(5) - 2
		}
		return odd[rng.IntN(len(odd))]
	}
	var keys, roles []string
	for k := range n.Attrs {
		keys = append(keys, k)
	}
	for k := range n.Tensors {
		roles = append(roles, k)
	}
	slices.Sort(keys)
	slices.Sort(roles)
	switch k := rng.IntN(14); {
	case k < 4 && len(keys) > 0: // a number of an attribute
		key := keys[rng.IntN(len(keys))]
		v := slices.Clone(n.Attrs[key])
		if len(v) > 0 {
			i := rng.IntN(len(v))
			v[i] = number(v[i])
			n.Attrs[key] = v
		}
	case k == 4 && len(keys) > 0: // its length
		key := keys[rng.IntN(len(keys))]
		v := n.Attrs[key]
		if rng.IntN(2) == 0 && len(v) > 0 {
			n.Attrs[key] = v[:len(v)-1]
		} else {
			n.Attrs[key] = append(slices.Clone(v), number(1))
		}
	case k == 5 && len(keys) > 0: // gone
		delete(n.Attrs, keys[rng.IntN(len(keys))])
	case k == 6: // two numbers changed places, as in a permutation
		for _, key := range keys {
			if v := slices.Clone(n.Attrs[key]); len(v) > 1 {
				i, j := rng.IntN(len(v)), rng.IntN(len(v))
				v[i], v[j] = v[j], v[i]
				n.Attrs[key] = v
			}
		}
	case k == 7: // another operator
		n.Op = op.Kinds[rng.IntN(len(op.Kinds))].Name
	case k == 8: // another input
		from := &g.Nodes[rng.IntN(len(g.Nodes))]
		n.Inputs[rng.IntN(len(n.Inputs))] = from.Outputs[0]
	case k == 9: // one input more, or less
		if rng.IntN(2) == 0 {
			n.Inputs = append(n.Inputs, n.Inputs[0])
		} else if len(n.Inputs) > 1 {
			n.Inputs = n.Inputs[1:]
		}
	case k == 10: // the input's size
		s := slices.Clone(g.Inputs[0].Shape)
		i := rng.IntN(len(s))
		s[i] = number(s[i])
		g.Inputs[0].Shape = s
	case k == 11 && len(roles) > 1: // roles changed places
		a, b := roles[rng.IntN(len(roles))], roles[rng.IntN(len(roles))]
		n.Tensors[a], n.Tensors[b] = n.Tensors[b], n.Tensors[a]
	case k == 12 && len(m.Tensors) > 0: // a tensor of another shape
		x := &m.Tensors[rng.IntN(len(m.Tensors))]
		s := slices.Clone(x.Shape)
		i := rng.IntN(len(s))
		s[i] = max(1, s[i]+rng.IntN(3)-1)
		x.Shape, x.Data = s, make([]float32, shape2(s))
		for i := range x.Data {
			x.Data[i] = float32(rng.NormFloat64())
		}
	default: // an output more
		g.Outputs = append(g.Outputs, n.Outputs[0])
	}
}
