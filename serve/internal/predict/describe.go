package predict

import (
	"slices"

	"github.com/riffle-ml/riffle/serve/internal/network"
	"github.com/riffle-ml/riffle/serve/internal/oip"
)

// Inputs describes the inputs of a model for its metadata; -1 is a dimension that the
// request decides. A request gives one of them.
func Inputs(n *network.Network) []oip.Tensor {
	ins := []oip.Tensor{{Name: n.Input, Datatype: oip.FP32, Shape: batched(n.Info.Input)}}
	if n.Model.Preprocess() != nil {
		ins = append(ins, oip.Tensor{Name: Image, Datatype: oip.BYTES, Shape: []int64{-1}})
	}
	return ins
}

// Outputs describes the outputs of a model for its metadata.
func Outputs(n *network.Network) []oip.Tensor {
	var outs []oip.Tensor
	add := func(name, datatype string, shape ...int64) {
		if !slices.ContainsFunc(outs, func(t oip.Tensor) bool { return t.Name == name }) {
			outs = append(outs, oip.Tensor{Name: name, Datatype: datatype, Shape: shape})
		}
	}
	for _, o := range n.Info.Outputs {
		add(o.Name, oip.FP32, batched(o.Shape)...)
	}
	add(Classes, oip.INT64, -1, -1)
	add(Labels, oip.BYTES, -1, -1)
	add(Probabilities, oip.FP32, -1, -1)
	if k := find(n, n.Embedding); k >= 0 {
		add(Embedding, oip.FP32, batched(n.Info.Outputs[k].Shape)...)
	}
	add(Permutations, oip.BYTES, -1)
	add(Stages, oip.INT64, -1, int64(len(stages)))
	return outs
}

// Names lists the outputs of a model.
func Names(n *network.Network) []string {
	var names []string
	for _, t := range Outputs(n) {
		names = append(names, t.Name)
	}
	return names
}

func batched(shape []int) []int64 {
	b := []int64{-1}
	for _, d := range shape {
		b = append(b, int64(d))
	}
	return b
}
