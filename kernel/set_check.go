package kernel

import (
	"fmt"
	"slices"
)

// Check tells where a call breaks its contract with this set, or returns nil: what
// the Check method of the arguments tells, and whether tile and masks are the
// set's. args is a pointer to a kernel's arguments.
func (s *Set) Check(args interface{ Check() error }) error {
	if err := args.Check(); err != nil {
		return err
	}
	switch a := args.(type) {
	case *GEMM:
		if !slices.Contains(s.Tiles, a.Tile) {
			return fmt.Errorf("gemm: a tile of %v, wanted one of %v, which the set %s has", a.Tile, s.Tiles, s.Name)
		}
	case *Linear:
		if a.Half != nil && !s.Halves {
			return fmt.Errorf("linear: a matrix of float16 values, wanted float32: the set %s takes no others", s.Name)
		}
	case *Depthwise:
		return s.checkMasks("depthwise", a.Masks, s.DepthwiseMasks(a))
	case *Pool:
		return s.checkMasks("pool", a.Masks, s.PoolMasks(a))
	}
	return nil
}

func (s *Set) checkMasks(kernel string, got, want []float32) error {
	if got != nil && (want == nil || len(got) != len(want)) {
		return fmt.Errorf("%s: Masks has %d values, wanted nil or the %d that the set %s makes", kernel, len(got), len(want), s.Name)
	}
	return nil
}
