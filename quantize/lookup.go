package quantize

import (
	"github.com/riffle-ml/riffle/internal/element"
	"github.com/riffle-ml/riffle/weights"
)

// lookup writes a function of single elements as a table of 256.
func (b *builder) lookup(u *unit) {
	in, v := b.byte(u.Inputs[0]), u.out[0]
	b.unify(in)
	b.made(v)
	f := element.Of(u.Node, func(role string, def float64) float64 {
		if t := b.m.Tensor(u.Tensors[role]); t != nil {
			return float64(t.Data[0])
		}
		return def
	})
	b.later = append(b.later, func() {
		table := element.Table(f, b.quants(in)[0], b.quants(v)[0])
		name := b.tensor(weights.Tensor{Name: u.Name + ".table", DType: weights.Uint8, Shape: []int{256}, Bytes: table})
		b.node(weights.Node{
			Name: u.Name, Op: weights.OpQLookup, Inputs: []string{in}, Outputs: []string{v},
			Tensors: map[string]string{"table": name}, Quant: b.quantOf(v),
		})
	})
}
