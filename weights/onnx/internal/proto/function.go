package proto

import "google.golang.org/protobuf/encoding/protowire"

func (d *decoder) function(b []byte) (*Function, error) {
	f := &Function{Defaults: map[string]*Attr{}, Opsets: map[string]int64{}}
	err := fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) error {
		switch num {
		case 1:
			f.Name = string(p)
		case 10:
			f.Domain = string(p)
		case 13:
			f.Overload = string(p)
		case 4:
			f.Inputs = append(f.Inputs, string(p))
			return bound(&d.names, maxNames, "names")
		case 5:
			f.Outputs = append(f.Outputs, string(p))
			return bound(&d.names, maxNames, "names")
		case 7:
			n, err := d.node(p)
			f.Nodes = append(f.Nodes, n)
			return err
		case 9:
			return d.opset(p, f.Opsets)
		case 11:
			name, a, err := d.attr(p)
			f.Defaults[name] = a
			return err
		}
		return nil
	})
	return f, err
}
