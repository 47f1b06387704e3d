//go:build (amd64 || arm64) && !purego

package kernel

// binaryUnit is a unit of assembly that computes c planes of vecs vectors of 8 pixels.
// one is 1 where the planes of b have one pixel, else 0.
type binaryUnit = func(mem *float32, a, b, out *int32, c, vecs, one, op int)

// binaryUnitName is the driver's choice by name. A call for some of a plane's pixels would
// shift b too: planes of more than a call may take are left to the reference where b has
// one pixel.
func binaryUnitName(set string) func(b *Binary) string {
	return func(b *Binary) string {
		if b.One && roundUp8(b.N)/8 > callVectors {
			return ""
		}
		return "binary_" + set
	}
}

// binaryBy is the driver of [Binary] for a unit. It does not apply the activation.
func binaryBy(unit binaryUnit) func(b *Binary) {
	return func(b *Binary) {
		one := 0
		if b.One {
			one = 1
		}
		all := roundUp8(b.N) / 8
		if b.One && all > callVectors {
			refBinary(b)
			return
		}
		var s span
		for ok := true; ; {
			if s, ok = s.next(b.Ch, b.N); !ok {
				return
			}
			unit(&b.Mem[s.p0], &b.A[s.c0], &b.B[s.c0], &b.C[s.c0], s.c1-s.c0, s.vecs, one, int(b.Op))
		}
	}
}
