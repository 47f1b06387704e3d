package onnx

import "github.com/riffle-ml/riffle/weights/onnx/internal/proto"

var moveSqueeze = operator{
	reads: map[string]reader{"Squeeze": (*importer).squeeze, "Unsqueeze": (*importer).squeeze},
	folds: map[string]evaluator{"Squeeze": viewed((*importer).squeeze), "Unsqueeze": viewed((*importer).squeeze)},
}

// squeeze is Squeeze and Unsqueeze.
func (im *importer) squeeze() {
	v := im.act(0)
	axes, rank := im.listOf("axes", 1), len(v.dims)
	if len(axes) == 0 || len(axes) > proto.MaxRank {
		im.failf(ErrUnsupported, "axes: got %d, want 1 to %d", len(axes), proto.MaxRank)
	}
	if im.n.Op == "Unsqueeze" {
		rank += len(axes)
	}
	at := map[int]bool{}
	for _, a := range axes {
		k := im.axisOf(a, rank)
		im.sampleAxis(v, k)
		at[k] = true
	}
	if len(at) != len(axes) {
		im.failf(ErrInvalid, "axes: got %v, want different ones", axes)
	}
	var dims []int
	if im.n.Op == "Unsqueeze" {
		k := 0
		for i := range rank {
			if at[i] {
				dims = append(dims, 1)
			} else {
				dims = append(dims, v.dims[k])
				k++
			}
		}
	} else {
		for i, d := range v.dims {
			if !at[i] {
				dims = append(dims, d)
			} else if d != 1 {
				im.failf(ErrInvalid, "axes: got %v of %v, want dimensions of 1", axes, v.dims)
			}
		}
	}
	im.out(im.reshaped(v, dims))
}
