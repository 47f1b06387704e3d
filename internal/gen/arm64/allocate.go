package arm64

import "fmt"

// GP takes a general register; there are 24.
func (f *Func) GP() GP {
	r := GP{f.gp.take()}
	if r.n == 0 {
		f.fail("no general register is left")
	}
	return r
}

// GPs takes n general registers.
func (f *Func) GPs(n int) []GP {
	rs := make([]GP, n)
	for i := range rs {
		rs[i] = f.GP()
	}
	return rs
}

// V takes a vector register; there are 32.
func (f *Func) V() V {
	v := V{f.v.take()}
	if v.n == 0 {
		f.fail("no vector register is left")
	}
	return v
}

// Vs takes n vector registers.
func (f *Func) Vs(n int) []V {
	vs := make([]V, n)
	for i := range vs {
		vs[i] = f.V()
	}
	return vs
}

// Free gives registers, each a GP, a V or a slice of them, back.
func (f *Func) Free(registers ...any) {
	for _, r := range registers {
		switch r := r.(type) {
		case GP:
			f.use(r)
			delete(f.gp.taken, r.n)
		case V:
			f.useV(r)
			delete(f.v.taken, r.n)
		case []GP:
			for _, x := range r {
				f.Free(x)
			}
		case []V:
			for _, x := range r {
				f.Free(x)
			}
		default:
			f.fail("Free of a %T", r)
		}
	}
}

// Scope runs body and gives back every register that it took.
func (f *Func) Scope(body func()) {
	keep := [2]map[uint8]bool{clone(f.gp.taken), clone(f.v.taken)}
	body()
	for i, p := range []*pool{&f.gp, &f.v} {
		for n := range p.taken {
			if !keep[i][n] {
				delete(p.taken, n)
			}
		}
	}
}

func clone(m map[uint8]bool) map[uint8]bool {
	c := make(map[uint8]bool, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}

// use returns the name of a register that is taken: one that was given back
// may be another value's by now.
func (f *Func) use(r GP) string {
	if !f.gp.taken[r.n] {
		f.fail("%v is in use and not taken", r)
	}
	return r.String()
}

// useZ is use where ZR will do.
func (f *Func) useZ(r GP) string {
	if r == ZR {
		return r.String()
	}
	return f.use(r)
}

func (f *Func) useV(v V) string {
	if !f.v.taken[v.n] {
		f.fail("%v is in use and not taken", v)
	}
	return v.String()
}

// useF is the name as a scalar.
func (f *Func) useF(v V) string { return "F" + f.useV(v)[1:] }

// arr is the name with an arrangement, such as V3.S4.
func (f *Func) arr(v V, arrangement string) string { return f.useV(v) + "." + arrangement }

// lane is the name of one of the lanes of elem (B, H, S, D), such as V3.S[1].
func (f *Func) lane(v V, elem string, i int) string {
	if n := map[string]int{"B": 16, "H": 8, "S": 4, "D": 2}[elem]; i < 0 || i >= n {
		f.fail("lane %d of %v.%s, wanted 0 to %d", i, v, elem, n-1)
	}
	return fmt.Sprintf("%s.%s[%d]", f.useV(v), elem, i)
}
