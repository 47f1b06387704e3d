package onnx

import "slices"

// value is what an ONNX name stands for: a constant, a sequence of values, or an
// activation.
//
// An activation is the model's value called base, seen through a chain of
// reshapes, transposes and selections. dims is the shape as ONNX sees it, for one
// sample. The batch is the slowest part of dimension lead and is left out of it: where
// the chain has not merged it with another, that dimension is 1. Elements move in runs: element e of the activation is element
// index[e/run] + e%run of base; no index is the identity. A channel shuffle keeps
// whole planes together, so its index has one entry a channel.
type value struct {
	c       *tensor
	seq     []*value
	mean    *partialMean
	unknown bool // a result of a node that is not supported

	base  string
	typ   int64 // of a graph input that is not of float32, until a Cast; else 0
	lead  int
	dims  []int
	index []int32
	run   int
	by    string // the ONNX node that made the view, or ""

	numbers *numbers // it has these, and no elements that can be computed with: see read_table.go

	narrow *value // that it repeats along dimensions of 1, or nil

	pad [4]int // around it, and taken over by no node yet: top, left, bottom, right
	low bool   // pad is the lowest number there is, not 0
}

// partialMean is a mean over some of the axes: it waits for the mean over more of them.
type partialMean struct {
	of     *value
	axes   map[int]bool  // of that value
	kept   []int         // dimension of the partial mean -> dimension of that value
	settle func() *value // adds the nodes that compute it
}

// numbers is what a Cast makes of quantized elements, of an integer type that can be an
// index, or a Gather of those, of bytes.
type numbers struct {
	of    *value // the quantized elements
	table []byte // the number for each; nil: the elements themselves
}

func (v *value) elems() int {
	n, _ := product(v.dims)
	return n
}

func (v *value) padded() bool { return v.pad != [4]int{} }

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// whole is the largest run that v's elements move in.
func (v *value) whole() int {
	if v.index == nil {
		return v.elems()
	}
	return v.run
}

// straight says whether the index is the identity.
func (v *value) straight() bool {
	for k, first := range v.index {
		if int(first) != k*v.run {
			return false
		}
	}
	return true
}

// bare is v without the padding around it.
func (v *value) bare() *value {
	bare := *v
	bare.pad, bare.low = [4]int{}, false
	bare.dims = slices.Clone(v.dims)
	for d := range 2 {
		bare.dims[2+d] -= v.pad[d] + v.pad[2+d]
	}
	return &bare
}
