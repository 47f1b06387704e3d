package op

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// gatherBytes copies planes of bytes out of the arena, through a table.
type gatherBytes struct {
	src  plan.TableID
	c, n int
	out  []byte
}

func (t *gatherBytes) Run(w *plan.Worker, s plan.Share) {
	w.Args.GatherBytes = kernel.GatherBytes{Mem: w.Bytes, Src: w.Table(t.src), Out: t.out, C: t.c, N: t.n, Pitch: t.n}
	w.Set.GatherBytes(&w.Args.GatherBytes)
}

func (t *gatherBytes) Describe() plan.Description { return plan.Description{} }

// Planes of uint8 go through a split, a concat, a static and a dynamic shuffle as
// those of float32 do: as entries of tables, with no byte moved before the end.
func TestBytePlanes(t *testing.T) {
	const channels, pixels = 12, 35
	for _, set := range kernel.Sets() {
		b := plan.NewBuilder(set, 1, unlimited())
		x := b.NewPlanes(weights.Uint8, channels, pixels)
		b.SetQuant(x, plan.Quant{Scale: 0.125, Zero: 3})
		all := graph.Shape{channels, 5, 7}
		lower := func(o Operator, out []graph.Shape, in ...plan.Tensor) []plan.Tensor {
			t.Helper()
			outs, err := o.Lower(b, &Node{In: in, InShapes: []graph.Shape{all}, OutShapes: out})
			if err != nil {
				t.Fatal(err)
			}
			return outs
		}
		filled := b.UseType(x, weights.Uint8)
		parts := lower(split{[]int{5, 7}}, []graph.Shape{{5, 5, 7}, {7, 5, 7}}, x)
		joined := lower(concat{}, one(all), parts[1], parts[0])[0]
		perm := []int{3, 0, 11, 7, 1, 2, 10, 4, 9, 5, 8, 6}
		shuffled := lower(shuffle{perm}, one(all), joined)[0]

		g := &generator{factors: factors{2, 2, 3, 1}}
		state := &Generator{Groups: 2, A: 2, B: 3, Pairs: 1}
		chooser := &generatorStep{generator: g, channels: channels, state: b.NewState(state)}
		routed, err := chooser.route(b, shuffled, orderShuffle)
		if err != nil {
			t.Fatal(err)
		}
		b.Add(plan.Label{Op: "generator"}, 1, 1, chooser)
		got := make([]byte, channels*pixels)
		b.Add(plan.Label{Op: "output"}, 1, 1, &gatherBytes{b.UseType(routed, weights.Uint8), channels, pixels, got})
		p, err := b.Finish()
		if err != nil {
			t.Fatal(err)
		}

		m := plan.NewMemory(p)
		for c, at := range m.Table(filled) {
			for i := range pixels {
				m.Bytes[int(at)+i] = byte(c*16 + i%16)
			}
		}
		sigma, tau := []int32{1, 0}, []int32{2, 0, 1}
		choice := m.State(0).(*Choice)
		choice.Fixed = true
		copy(choice.Sigma, sigma)
		copy(choice.Tau, tau)
		w := plan.NewWorker(p, m)
		for _, st := range p.Steps {
			st.Runner.Run(&w, plan.Whole)
		}

		// The textbook: parts exchanged, the static shuffle, then the dynamic one.
		order := []int{5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4}
		want := make([]byte, 0, len(got))
		for slot := range channels {
			j, i := slot/2, slot%2
			from := order[perm[i*6+int(sigma[j/3])*3+int(tau[j%3])]]
			for k := range pixels {
				want = append(want, byte(from*16+k%16))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: other bytes", set.Name)
		}
		if len(p.Steps) != 2 {
			t.Errorf("%s: got %d steps, want the generator and the gather alone", set.Name, len(p.Steps))
		}
	}
}

// An operator whose kernel takes float32 alone says so of other planes when the plan
// is made.
func TestKernelsRefuseBytePlanes(t *testing.T) {
	in := graph.Shape{4, 6, 6}
	for _, o := range []Operator{
		&activation{"relu", kernel.Clamped(0, 6)}, add{}, globalMaxPool{}, &pool{name: weights.OpAvgPool}, quantize{plan.Quant{Scale: 1}},
	} {
		b := plan.NewBuilder(kernel.Sets()[0], 1, unlimited())
		x := b.NewPlanes(weights.Uint8, 4, 36)
		n := &Node{In: []plan.Tensor{x, x}, InShapes: []graph.Shape{in, in}, OutShapes: []graph.Shape{in}}
		if p, ok := o.(*pool); ok {
			p.KH, p.KW, p.SH, p.SW = 2, 2, 2, 2
		}
		_, err := o.Lower(b, n)
		if err == nil {
			err = b.Err()
		}
		if want := "got a plane of u8, want f32"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want it to say %q", fmt.Sprintf("%T", o), err, want)
		}
	}
}

// unlimited refuses nothing.
func unlimited() *limit.Meter {
	const most = math.MaxInt64
	return &limit.Meter{Limits: limit.Limits{Memory: most, Activations: most, Work: most, Nodes: most, Value: most}}
}
