package measure

import (
	"context"
	"fmt"
	"math"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/contender"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/network"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/engine"
)

// tolerance is how far outputs may differ, as a share of the reference's largest
// value. It is above what the rounding of float32 adds up to in a deep network, and
// far below what a wrong layer does.
const tolerance = 1e-4

// quantizedTolerance is that of peers that run a quantized network: see README.md.
const quantizedTolerance = 0.2

// halfTolerance is that of riffle's own rows in float16 arithmetic.
const halfTolerance = 0.05

// toleranceOf is how far outputs of a row may differ. riffle's own have the same bits on
// every instruction set where a network is quantized, but for what stays float32 in it.
func toleranceOf(n *network.Network, r *report.Row) float64 {
	if n.Int8 && r.ISA == "" {
		return quantizedTolerance
	}
	if n.Half {
		return halfTolerance
	}
	return tolerance
}

// verify runs every row once and compares with riffle's generic instruction
// set, the plain Go reference, on one thread. Nothing is timed where outputs
// disagree. The rows of one instruction set must agree to the bit.
func (b *bench) verify(ctx context.Context) error {
	for _, n := range b.nets {
		b.line.Say("checking " + n.Name)
		want, err := b.reference(ctx, n)
		if err != nil {
			return err
		}
		bits := map[string][]float32{}
		for _, e := range b.runs {
			if e.net != n {
				continue
			}
			r := b.row(e)
			got, err := e.c.Output(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", r.Label(), err)
			}
			if r.Diff, err = compare(got, want, toleranceOf(n, r)); err != nil {
				return fmt.Errorf("%s: outputs disagree with the reference, nothing was timed: %w", r.Label(), err)
			}
			if r.ISA == "" {
				continue
			}
			if first := bits[r.ISA]; first == nil {
				bits[r.ISA] = append([]float32(nil), got...)
			} else if _, err := compare(got, first, 0); err != nil {
				return fmt.Errorf("%s: outputs depend on the number of threads, nothing was timed: %w", r.Label(), err)
			}
		}
	}
	return nil
}

func (b *bench) reference(ctx context.Context, n *network.Network) ([]float32, error) {
	m, err := engine.New(n.Model, engine.WithISA("generic"), engine.WithThreads(1))
	if err != nil {
		return nil, err
	}
	r, err := contender.NewRiffle(m)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	r.SetInput(n.Noise(b.Batch))
	y, err := r.Output(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: reference: %w", n.Name, err)
	}
	if !lively(y) {
		b.rep.Warn("weak check", "%s: the outputs are all alike: that contenders agree says little", n.Name)
	}
	return y, nil
}

func lively(y []float32) bool {
	for _, v := range y {
		if v != y[0] {
			return true
		}
	}
	return false
}

// compare returns the largest difference as a share of the largest finite value
// of want, and an error that names the first element beyond tol. NaN agrees
// with NaN, and an infinity with itself.
func compare(got, want []float32, tol float64) (worst float64, err error) {
	if len(got) != len(want) {
		return 0, fmt.Errorf("got %d values, want %d", len(got), len(want))
	}
	scale := math.SmallestNonzeroFloat32
	for _, w := range want {
		if a := math.Abs(float64(w)); a <= math.MaxFloat32 {
			scale = max(scale, a)
		}
	}
	for i, w := range want {
		g := got[i]
		if g == w || g != g && w != w {
			continue
		}
		d := math.Abs(float64(g)-float64(w)) / scale
		if !(d <= tol) {
			return d, fmt.Errorf("element %d: got %g, want %g within %g", i, g, w, tol*scale)
		}
		worst = max(worst, d)
	}
	return worst, nil
}
