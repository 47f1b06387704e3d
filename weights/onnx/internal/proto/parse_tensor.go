package proto

import (
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

func (d *decoder) tensor(b []byte) (*Tensor, error) {
	if err := bound(&d.tensors, d.maxTensors, "tensors"); err != nil {
		return nil, err
	}
	t := &Tensor{length: -1}
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
			err = t.entry(p)
		case 14:
			t.external = t.external || v == 1
		}
		return err
	})
	return t, err
}

// entry decodes a StringStringEntryProto about data in another file.
func (t *Tensor) entry(b []byte) error {
	var key, value string
	err := fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) error {
		switch num {
		case 1:
			key = string(p)
		case 2:
			value = string(p)
		}
		return nil
	})
	if err != nil {
		return err
	}
	switch key {
	case "location":
		t.location = value
	case "offset":
		t.offset, err = strconv.ParseInt(value, 10, 64)
	case "length":
		t.length, err = strconv.ParseInt(value, 10, 64)
	}
	return err
}
