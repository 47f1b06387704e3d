package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// A function of single quantized elements that is none of ONNX's is a table of 256: the
// elements are cast to integers, of which a Gather takes entries, which a DequantizeLinear
// reads. Export writes it so. What the entries mean is known when the last one is read.

func isIndex(typ int64) bool { return typ == proto.Int32 || typ == proto.Int64 }

// castNumbers reads a Cast of v to integers, if v has unsigned quantized elements, or
// entries for them.
func (im *importer) castNumbers(v *value, to int64) bool {
	out := *v
	switch _, quantized := im.quants[v.base]; {
	case v.numbers != nil && isIndex(to):
	case v.numbers != nil:
		im.failf(ErrUnsupported, "to: got %s for entries of a table, want a DequantizeLinear of them", proto.TypeName(to))
	case quantized && !im.signed[v.base] && v.typ == 0 && !v.padded() && isIndex(to):
		out.numbers = &numbers{of: v}
	default:
		return false
	}
	out.typ = to
	im.out(&out)
	return true
}

// lookedUp reads a Gather of a table's entries, and says whether it is one. A table of
// another's entries is one table.
func (im *importer) lookedUp() bool {
	at := im.in(1)
	if at == nil || at.numbers == nil || !isIndex(at.typ) {
		return false
	}
	t := im.constant(0, true)
	if t.typ != proto.Uint8 || !slices.Equal(t.dims, []int{256}) || im.axis(0, 1) != 0 {
		im.failf(ErrUnsupported, "table: got %s %v, want uint8 [256]", proto.TypeName(t.typ), t.dims)
	}
	im.spend(len(t.i))
	table := make([]byte, len(t.i))
	for i := range table {
		k := byte(i)
		if before := at.numbers.table; before != nil {
			k = before[i]
		}
		table[i] = byte(t.i[k])
	}
	out := *at
	out.typ, out.numbers = proto.Uint8, &numbers{at.numbers.of, table}
	im.out(&out)
	return true
}

// fromTable makes entries of a table that the DequantizeLinear at work reads a quantized
// value, which others may read too.
func (im *importer) fromTable() {
	v := im.in(0)
	if v == nil || v.numbers == nil || v.typ != proto.Uint8 {
		return
	}
	q, signed := im.activationQuant()
	if signed {
		im.failf(ErrInvalid, "zero point: got int8, want uint8 as the table's entries")
	}
	of, name := v.numbers.of, im.n.Inputs[0]
	tensor := im.unique("t:", im.n.Label()+".table")
	im.tensors[tensor] = len(im.m.Tensors)
	im.m.Tensors = append(im.m.Tensors, weights.Tensor{Name: tensor, DType: weights.Uint8, Shape: []int{256}, Bytes: v.numbers.table})
	p := spot{of.base, im.shapes[of.base], of}
	y := im.add(weights.OpQLookup, im.n.Label(), name, []string{p.x}, nil, map[string]string{"table": tensor}, p.s...)
	im.m.Graph.Nodes[len(im.m.Graph.Nodes)-1].Quant = []weights.Quant{q}
	im.quants[y.base] = q
	im.values[name] = p.done(y)
}
