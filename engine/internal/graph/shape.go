package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/engine/internal/limit"
)

// A Shape is [C H W] for planes or [N] for a vector, without the batch.
type Shape []int

// String is "[3x32x32]".
func (s Shape) String() string { return strings.ReplaceAll(fmt.Sprint([]int(s)), " ", "x") }

// Elems is the number of elements.
func (s Shape) Elems() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// Planes returns the number of channels and the pixels in each. A vector of N
// is N planes of one pixel.
func (s Shape) Planes() (channels, pixels int) {
	if len(s) == 1 {
		return s[0], 1
	}
	return s[0], s[1] * s[2]
}

// Equal says whether s and t are the same shape.
func (s Shape) Equal(t Shape) bool { return slices.Equal(s, t) }

// WithChannels is s with c channels.
func (s Shape) WithChannels(c int) Shape {
	t := slices.Clone(s)
	t[0] = c
	return t
}

// check fails unless s is [C H W] or [N], every dimension at least 1, and of no more
// elements than the meter allows.
func (s Shape) check(m *limit.Meter) error {
	if len(s) != 1 && len(s) != 3 {
		return fmt.Errorf("got shape %v, want [C H W] or [N]", []int(s))
	}
	for _, d := range s {
		if d < 1 {
			return fmt.Errorf("got shape %v, want every dimension at least 1", []int(s))
		}
	}
	if err := m.Value(limit.Product(s...)); err != nil {
		return fmt.Errorf("shape %v: %w", []int(s), err)
	}
	return nil
}
