package kernel

import "fmt"

// QScale multiplies each plane by a factor of its own:
//
//	Dst[c][p] = q(float32(Src[c][p]-Zeros[c]) * Mult[c])
//
// where q is [Requant]. It is the multiplication of squeeze and excitation, where Mult[c]
// is the channel's factor times the source's scale over the output's, and the change of a
// plane's scale, where it is that ratio alone. Dst may be Src. Reads and writes reach to
// N rounded up to 64.
type QScale struct {
	Mem      []byte
	Src, Dst []int32   // C plane offsets each
	Zeros    []uint8   // of the planes of Src
	Mult     []float32 // C values; they may be negative
	C, N     int
	Requant
}

// Check tells where s breaks its contract.
func (s *QScale) Check() error {
	const name = "qscale"
	if err := positive(name, "N", s.N); err != nil {
		return err
	}
	if len(s.Zeros) != s.C {
		return fmt.Errorf("%s: Zeros has %d values, wanted %d", name, len(s.Zeros), s.C)
	}
	if err := checkMultipliers(name, "Mult", s.Mult, s.C, 255); err != nil {
		return err
	}
	if err := s.Requant.check(name); err != nil {
		return err
	}
	return checkMove(name, len(s.Mem), s.Src, s.Dst, s.C, s.N)
}

// checkMove is for a kernel that makes one plane of each plane, pixel by pixel.
func checkMove(name string, mem int, src, dst []int32, c, n int) error {
	spill := roundUp(n, 64) - n
	if err := (planes{"Src", src, n, 0, spill}).check(name, mem, c); err != nil {
		return err
	}
	return planes{"Dst", dst, n, 0, spill}.check(name, mem, c)
}

func refQScale(s *QScale) {
	q := s.Requant.clamper()
	for c := range s.C {
		x, y := s.Mem[s.Src[c]:][:s.N], s.Mem[s.Dst[c]:][:s.N]
		for p, v := range x {
			y[p] = q.of(scaled(v, s.Zeros[c], s.Mult[c]))
		}
	}
}
