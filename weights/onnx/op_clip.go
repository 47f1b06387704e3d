package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opClip = operator{
	op: weights.OpClip, inputs: 1,
	reads: map[string]reader{"Clip": (*importer).clip},
	write: (*exporter).clip,
}

func (im *importer) clip() {
	limits := [2]float64{lowest, highest}
	for i, name := range []string{"min", "max"} {
		if a := im.attr(name, proto.AttrFloat); a != nil {
			limits[i] = float64(a.F)
		} else if t := im.constant(1+i, false); t != nil {
			limits[i] = im.scalar(t)
		}
	}
	im.clamp(limits[0], limits[1])
}

func (e *exporter) clip(n *weights.Node, s []int) ([][]int, error) {
	in := []string{n.Inputs[0], "", ""}
	for i, role := range []string{"min", "max"} {
		if n.Tensors[role] == "" {
			continue
		}
		v, err := e.number(n, role)
		if err != nil {
			return nil, err
		}
		in[1+i] = e.initScalar(v)
	}
	e.put(n.Name, "Clip", in, n.Outputs)
	return [][]int{s}, nil
}
