package onnx

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// unsupported marks what ONNX does not have.
func unsupported(format string, args ...any) error { return marked{fmt.Sprintf(format, args...)} }

type marked struct{ msg string }

func (m marked) Error() string { return m.msg }

func (m marked) Unwrap() error { return ErrUnsupported }

// list is an attribute of n with k numbers from lo on.
func list(n *weights.Node, name string, lo int, def ...int) ([]int, error) {
	v := n.Attr(name, def...)
	if len(v) != len(def) || slices.Min(v) < lo || slices.Max(v) > 1<<20 {
		return nil, fmt.Errorf("%s: got %v, want %d numbers from %d on", name, v, len(def), lo)
	}
	return v, nil
}

// role is a tensor of n, of a shape; -1 fits any length.
func (e *exporter) role(n *weights.Node, role string, shape ...int) (*weights.Tensor, error) {
	t := e.m.Tensor(n.Tensors[role])
	if t == nil {
		return nil, fmt.Errorf("%s: got no tensor, want one", role)
	}
	ok := len(t.Shape) == len(shape)
	for i := range shape {
		ok = ok && (shape[i] == -1 || shape[i] == t.Shape[i])
	}
	if !ok {
		return nil, fmt.Errorf("%s: got shape %v, want %v", role, t.Shape, shape)
	}
	return t, nil
}

func planar(s []int) error {
	if len(s) != 3 {
		return fmt.Errorf("input: got shape %v, want [C H W]", s)
	}
	return nil
}

func vectorial(s []int) error {
	if len(s) != 1 {
		return fmt.Errorf("input: got shape %v, want a vector", s)
	}
	return nil
}

func channels(s []int, c int) []int { return append([]int{c}, s[1:]...) }
