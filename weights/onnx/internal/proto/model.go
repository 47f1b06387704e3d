package proto

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// Parse decodes a file of at most maxNodes nodes and maxTensors tensors. Data of
// tensors is not copied: the result refers to b. An error says what was got and wanted.
func Parse(b []byte, maxNodes, maxTensors int) (*Model, error) {
	m := &Model{Opsets: map[string]int64{}}
	d := decoder{maxNodes: maxNodes, maxTensors: maxTensors}
	err := fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) (err error) {
		switch num {
		case 2:
			m.Producer = string(p)
		case 7:
			m.Graph, err = d.graph(p)
		case 8:
			err = d.opset(p, m.Opsets)
		case 25:
			var f *Function
			f, err = d.function(p)
			m.Functions = append(m.Functions, f)
		}
		return err
	})
	if err == nil && m.Graph == nil {
		err = errors.New("it has no graph")
	}
	return m, err
}
