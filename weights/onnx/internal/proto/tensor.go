package proto

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// Tensor is a TensorProto: its header, and its data in whatever field holds it.
// [Tensor.Check] comes before [Tensor.Decode].
type Tensor struct {
	Name     string
	Dims     []int64
	Type     int64
	raw      []byte
	hasRaw   bool
	floats   []float32
	ints     []int64 // int32_data, int64_data and uint64_data
	doubles  []float64
	external bool
}

func (d *decoder) tensor(b []byte) (*Tensor, error) {
	if err := bound(&d.tensors, d.maxTensors, "tensors"); err != nil {
		return nil, err
	}
	t := &Tensor{}
	err := fields(b, func(num protowire.Number, typ protowire.Type, v uint64, p []byte) (err error) {
		switch num {
		case 1:
			if t.Dims, err = varints(t.Dims, typ, v, p); err == nil && len(t.Dims) > MaxRank {
				err = limitf("tensor %q: got more than %d dimensions, want at most that", t.Name, MaxRank)
			}
		case 2:
			t.Type = int64(v)
		case 4:
			t.floats = floats(t.floats, typ, v, p)
		case 5, 7, 11:
			t.ints, err = varints(t.ints, typ, v, p)
		case 8:
			t.Name = string(p)
		case 9:
			t.raw, t.hasRaw = p, true
		case 10:
			t.doubles = doubles(t.doubles, typ, v, p)
		case 13:
			t.external = true
		case 14:
			t.external = t.external || v == 1
		}
		return err
	})
	return t, err
}
