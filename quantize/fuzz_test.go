package quantize

import (
	"errors"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
)

// oneLine fails unless err is an error of one line.
func oneLine(t *testing.T, err error) {
	t.Helper()
	if strings.ContainsAny(err.Error(), "\n\r") {
		t.Fatalf("got %q, want one line", err)
	}
}

// FuzzQuantized changes a quantized network in ways that leave it a file that can be
// written: scales, zero points, limits, tables, operators, who reads what. What the engine
// then takes has the same bits on every instruction set, with one thread and three, and what
// it refuses it refuses in one line that names the node.
func FuzzQuantized(f *testing.F) {
	for i := range uint64(60) {
		f.Add(i, uint8(i%5))
	}
	m, _, err := Model(f.Context(), everything(), randoms{2}, Options{Method: Max})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, random uint64, edits uint8) {
		c := copied(m)
		rng := rand.New(rand.NewPCG(random, 12))
		for range 1 + edits%5 {
			spoil(c, rng)
		}
		b, err := c.Encode()
		if err != nil {
			var fe *weights.FormatError
			if oneLine(t, err); !errors.As(err, &fe) {
				t.Fatalf("got %v, want a FormatError", err)
			}
			return
		}
		var want []float32
		for _, isa := range engine.Sets() {
			for _, threads := range []int{1, 3} {
				e, err := engine.LoadBytes(b, engine.WithISA(isa), engine.WithThreads(threads))
				if err != nil {
					var me *engine.ModelError
					if oneLine(t, err); !errors.As(err, &me) || me.Node == "" {
						t.Fatalf("got %v, want a ModelError that names the node", err)
					}
					return
				}
				got := outputs(t, e, inputs(e, 1))
				e.Close()
				if want == nil {
					want = got
				}
				for i, v := range got {
					if math.Float32bits(v) != math.Float32bits(want[i]) && (v == v || want[i] == want[i]) {
						t.Fatalf("%s, %d threads: output %d is %v, on %s with one thread %v", isa, threads, i, v, engine.Sets()[0], want[i])
					}
				}
			}
		}
	})
}

// copied is a model whose nodes and tensors may be changed.
func copied(m *weights.Model) *weights.Model {
	c := *m
	c.Graph.Nodes, c.Tensors = slices.Clone(m.Graph.Nodes), slices.Clone(m.Tensors)
	for i := range c.Graph.Nodes {
		n := &c.Graph.Nodes[i]
		n.Quant, n.Attrs, n.Inputs, n.Tensors = slices.Clone(n.Quant), maps.Clone(n.Attrs), slices.Clone(n.Inputs), maps.Clone(n.Tensors)
	}
	for i := range c.Tensors {
		t := &c.Tensors[i]
		t.Data, t.Bytes = slices.Clone(t.Data), slices.Clone(t.Bytes)
	}
	return &c
}

// hostile are numbers that mean nothing as a scale, or nearly nothing.
var hostile = []float32{
	0, -1, 1, weights.MinScale, weights.MaxScale, weights.MinScale / 2, 1e-40, 1e30, math.MaxFloat32,
	float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0.5, 1e-3, 1e9,
}

// spoil makes one change.
func spoil(m *weights.Model, rng *rand.Rand) {
	nodes := m.Graph.Nodes
	n := &nodes[rng.IntN(len(nodes))]
	number := func() float32 { return hostile[rng.IntN(len(hostile))] }
	switch k := rng.IntN(9); {
	case k == 0 && n.Quant != nil:
		n.Quant[0].Scale = number()
	case k == 1 && n.Quant != nil:
		n.Quant[0].Zero = rng.IntN(300) - 20
	case k == 2: // a limit, of any node
		if n.Attrs == nil {
			n.Attrs = map[string][]int{}
		}
		n.Attrs["clamp"] = []int{rng.IntN(260) - 2, rng.IntN(260) - 2}
	case k == 3 && n.Quant != nil: // one fewer, or one more
		n.Quant = append(n.Quant, n.Quant...)[:2*rng.IntN(2)]
	case k == 4: // another operator
		n.Op = nodes[rng.IntN(len(nodes))].Op
	case k == 5: // another input
		n.Inputs[rng.IntN(len(n.Inputs))] = nodes[rng.IntN(len(nodes))].Outputs[0]
	case k == 6: // of another type
		t := &m.Tensors[rng.IntN(len(m.Tensors))]
		if t.Bytes != nil {
			t.DType = weights.Int8 + weights.Uint8 - t.DType
		}
	default:
		t := &m.Tensors[rng.IntN(len(m.Tensors))]
		if t.Bytes != nil {
			for range 1 + rng.IntN(len(t.Bytes)) {
				t.Bytes[rng.IntN(len(t.Bytes))] = byte(rng.Uint32()) | byte(rng.IntN(2)*128)
			}
		} else if len(t.Data) > 0 {
			t.Data[rng.IntN(len(t.Data))] = number()
		}
	}
}

// FuzzOptions quantizes a network with any options, numbers and samples: the result is a
// model that the engine runs, or there is an error of one line.
func FuzzOptions(f *testing.F) {
	f.Add("", "", uint8(0), 0, 0, uint64(0))
	f.Add("max", "conv0", uint8(1), -30, 20, uint64(1))
	f.Add("percentile", "relu1,add3", uint8(2), 30, 10, uint64(2))
	f.Add("kl", "sds0", uint8(7), 0, -40, uint64(3))
	f.Add("mse", "nobody", uint8(4), 10, 0, uint64(4))
	f.Add("best", "", uint8(0), 0, 0, uint64(5))
	f.Add("kl", "", uint8(0), 100, 40, uint64(6))
	f.Fuzz(func(t *testing.T, method, keep string, flags uint8, weight, sample int, random uint64) {
		m := everything()
		rng := rand.New(rand.NewPCG(random, 13))
		x := &m.Tensors[rng.IntN(len(m.Tensors))]
		for i := range x.Data {
			x.Data[i] = float32(math.Ldexp(float64(x.Data[i]), weight%150))
		}
		o := Options{Method: Method(method), NoEqualization: flags&1 > 0, NoBiasCorrection: flags&2 > 0, HalfGenerators: flags&4 > 0}
		if keep != "" {
			o.Keep = strings.Split(keep, ",")
		}
		q, r, err := Model(t.Context(), m, scaled{randoms{2}, []float32{float32(math.Ldexp(1, sample%60))}}, o)
		if err != nil {
			oneLine(t, err)
			return
		}
		if _, err := q.Encode(); err != nil {
			t.Fatal(err)
		}
		if r.Samples != 2 {
			t.Fatalf("got a report of %d samples, want 2", r.Samples)
		}
		e := ready(t, q)
		outputs(t, e, inputs(e, 1))
	})
}
