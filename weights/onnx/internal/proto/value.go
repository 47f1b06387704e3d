package proto

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// value decodes a ValueInfoProto: a name and a type.
func (d *decoder) value(b []byte) (Value, error) {
	var val Value
	if err := bound(&d.names, maxNames, "names"); err != nil {
		return val, err
	}
	err := fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) error {
		switch num {
		case 1:
			val.Name = string(p)
		case 2:
			return val.typeProto(p)
		}
		return nil
	})
	return val, err
}

// typeProto decodes a TypeProto. Only that of a tensor has a type and a shape here.
func (val *Value) typeProto(b []byte) error {
	return fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) error {
		if num != 1 {
			return nil
		}
		return fields(p, func(num protowire.Number, _ protowire.Type, v uint64, p []byte) error {
			switch num {
			case 1:
				val.Type = int64(v)
			case 2:
				val.HasShape = true
				return val.shape(p)
			}
			return nil
		})
	})
}

// shape decodes a TensorShapeProto.
func (val *Value) shape(b []byte) error {
	return fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) error {
		if num != 1 {
			return nil
		}
		dim := int64(-1)
		err := fields(p, func(num protowire.Number, _ protowire.Type, v uint64, _ []byte) error {
			if num == 1 {
				dim = int64(v)
			}
			return nil
		})
		if val.Dims = append(val.Dims, dim); err == nil && len(val.Dims) > MaxRank {
			err = limitf("value %q: got more than %d dimensions, want at most that", val.Name, MaxRank)
		}
		return err
	})
}
