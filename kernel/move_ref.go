package kernel

import "fmt"

// Check tells where a breaks its contract.
func (a *Add) Check() error {
	const name = "add"
	if err := positive(name, "N", a.N); err != nil {
		return err
	}
	if err := a.Epilogue.check(name, a.Ch, taking{}); err != nil {
		return err
	}
	n := roundUp8(a.N)
	for _, t := range []planes{{"A", a.A, n, 0, 0}, {"B", a.B, n, 0, 0}, {"C", a.C, n, 0, 0}} {
		if err := t.check(name, len(a.Mem), a.Ch); err != nil {
			return err
		}
	}
	return nil
}

func refAdd(a *Add) {
	for c := range a.Ch {
		x, y, z := a.Mem[a.A[c]:][:a.N], a.Mem[a.B[c]:][:a.N], a.Mem[a.C[c]:][:a.N]
		for p, v := range x {
			z[p] = v + y[p]
		}
		a.Act.apply(z)
	}
}

// Check tells where a breaks its contract.
func (a *Affine) Check() error {
	const name = "affine"
	if err := positive(name, "N", a.N); err != nil {
		return err
	}
	if err := a.Epilogue.check(name, a.C, taking{}); err != nil {
		return err
	}
	if a.Scale != nil && len(a.Scale) != a.C || a.Shift != nil && len(a.Shift) != a.C {
		return fmt.Errorf("%s: %d scales and %d shifts, wanted %d each, or nil", name, len(a.Scale), len(a.Shift), a.C)
	}
	n := roundUp8(a.N)
	for _, t := range []planes{{"Src", a.Src, n, 0, 0}, {"Dst", a.Dst, n, 0, 0}} {
		if err := t.check(name, len(a.Mem), a.C); err != nil {
			return err
		}
	}
	return nil
}

func refAffine(a *Affine) {
	for c := range a.C {
		x, z := a.Mem[a.Src[c]:][:a.N], a.Mem[a.Dst[c]:][:a.N]
		copy(z, x)
		if a.Scale != nil {
			for p, v := range z {
				z[p] = v * a.Scale[c]
			}
		}
		if a.Shift != nil {
			for p, v := range z {
				z[p] = v + a.Shift[c]
			}
		}
		a.Act.apply(z)
	}
}
