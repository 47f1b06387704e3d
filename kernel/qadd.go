package kernel

import "fmt"

// QAdd adds planes of two scales:
//
//	C[c][p] = q(float32(A[c][p]-AZero[c])*AMult[c] + float32(B[c][p]-BZero[c])*BMult[c])
//
// where q is [Requant] and each step is rounded to float32. A multiplier is a plane's
// scale over the output's. C may be A or B. Reads and writes reach to N rounded up to 64.
type QAdd struct {
	Mem          []byte
	A, B, C      []int32 // Ch plane offsets each
	AZero, BZero []uint8
	AMult, BMult []float32
	Ch, N        int
	Requant
}

// Check tells where a breaks its contract.
func (a *QAdd) Check() error {
	const name = "qadd"
	if err := positive(name, "N", a.N); err != nil {
		return err
	}
	if len(a.AZero) != a.Ch || len(a.BZero) != a.Ch {
		return fmt.Errorf("%s: AZero has %d values and BZero %d, wanted %d", name, len(a.AZero), len(a.BZero), a.Ch)
	}
	if err := checkMultipliers(name, "AMult", a.AMult, a.Ch, 255); err != nil {
		return err
	}
	if err := checkMultipliers(name, "BMult", a.BMult, a.Ch, 255); err != nil {
		return err
	}
	if err := a.Requant.check(name); err != nil {
		return err
	}
	spill := roundUp(a.N, 64) - a.N
	for _, t := range []planes{{"A", a.A, a.N, 0, spill}, {"B", a.B, a.N, 0, spill}, {"C", a.C, a.N, 0, spill}} {
		if err := t.check(name, len(a.Mem), a.Ch); err != nil {
			return err
		}
	}
	return nil
}

func refQAdd(a *QAdd) {
	q := a.Requant.clamper()
	for c := range a.Ch {
		x, y, z := a.Mem[a.A[c]:][:a.N], a.Mem[a.B[c]:][:a.N], a.Mem[a.C[c]:][:a.N]
		for p := range z {
			z[p] = q.of(scaled(x[p], a.AZero[c], a.AMult[c]) + scaled(y[p], a.BZero[c], a.BMult[c]))
		}
	}
}
