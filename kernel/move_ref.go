package kernel

import "fmt"

// Check tells where a breaks its contract.
func (a *Add) Check() error {
	const name = "add"
	if err := positive(name, "N", a.N); err != nil {
		return err
	}
	if err := limited(name, a.Lo, a.Hi); err != nil {
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
		clampAll(z, a.Lo, a.Hi)
	}
}

// Check tells where a breaks its contract.
func (a *Affine) Check() error {
	const name = "affine"
	if err := positive(name, "N", a.N); err != nil {
		return err
	}
	if err := limited(name, a.Lo, a.Hi); err != nil {
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
		clampAll(z, a.Lo, a.Hi)
	}
}

// Check tells where g breaks its contract.
func (g *Gather) Check() error {
	const name = "gather"
	if err := positive(name, "N", g.N); err != nil {
		return err
	}
	if g.Pitch < g.N {
		return fmt.Errorf("%s: a pitch of %d, wanted at least the %d pixels of a plane", name, g.Pitch, g.N)
	}
	if want := (g.C-1)*g.Pitch + g.N; g.C > 0 && len(g.Out) < want {
		return fmt.Errorf("%s: Out has %d elements, wanted %d", name, len(g.Out), want)
	}
	return planes{"Src", g.Src, g.N, 0, 0}.check(name, len(g.Mem), g.C)
}

func refGather(g *Gather) {
	if g.N == 1 { // a vector: a call of copy for each element costs five times as much
		for c, off := range g.Src {
			g.Out[c*g.Pitch] = g.Mem[off]
		}
		return
	}
	for c, off := range g.Src {
		copy(g.Out[c*g.Pitch:][:g.N], g.Mem[off:][:g.N])
	}
}

// Check tells where x breaks its contract.
func (x *Pixels) Check() error {
	const name = "pixels"
	if err := positive(name, "C", x.C, "N", x.N); err != nil {
		return err
	}
	if len(x.Perm) != x.C {
		return fmt.Errorf("%s: Perm has %d entries, wanted %d", name, len(x.Perm), x.C)
	}
	for c, from := range x.Perm {
		if from < 0 || int(from) >= x.C {
			return fmt.Errorf("%s: Perm[%d] is %d, wanted 0 to %d", name, c, from, x.C-1)
		}
	}
	if want := x.C * x.N; len(x.Src) < want || len(x.Dst) < want {
		return fmt.Errorf("%s: Src has %d elements, Dst %d, wanted %d", name, len(x.Src), len(x.Dst), want)
	}
	return nil
}

func refPixels(x *Pixels) {
	for p := range x.N {
		src, dst := x.Src[p*x.C:][:x.C], x.Dst[p*x.C:][:x.C]
		for c, from := range x.Perm {
			dst[c] = src[from]
		}
	}
}
