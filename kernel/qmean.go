package kernel

import "fmt"

// QMean is the quantized [Mean] over each plane's N pixels:
//
//	f = float32(sum_p Src[c][p] - N*Zeros[c]) * Mult[c]
//
// The sum is exact, so that a permutation that is decided from it is the same
// everywhere. N is at most 2^23. Dst[c] is f, or, where Dst is nil, Out[c] is q(f), where
// q is [Requant]. For the mean itself Mult[c] is the plane's scale over N; for Out that
// is divided by the output's scale. Up to SlackBytes around the planes may be read.
type QMean struct {
	Mem   []byte
	Src   []int32   // C plane offsets
	Dst   []float32 // C values, or nil
	Out   []byte    // C values, where Dst is nil
	Zeros []uint8   // of the planes of Src
	Mult  []float32
	C, N  int
	Requant
}

// qmeanMost is the largest N: an int32 holds the sum.
const qmeanMost = 1 << 23

// Check tells where m breaks its contract.
func (m *QMean) Check() error {
	const name = "qmean"
	if err := positive(name, "N", m.N); err != nil {
		return err
	}
	if m.N > qmeanMost {
		return fmt.Errorf("%s: N is %d, wanted at most %d", name, m.N, qmeanMost)
	}
	out := len(m.Dst)
	if m.Dst == nil {
		out = len(m.Out)
	}
	if out != m.C || len(m.Zeros) != m.C {
		return fmt.Errorf("%s: %d outputs and %d zero points, wanted %d", name, out, len(m.Zeros), m.C)
	}
	if err := checkMultipliers(name, "Mult", m.Mult, m.C, 255*float64(m.N)); err != nil {
		return err
	}
	if err := m.Requant.check(name); err != nil {
		return err
	}
	return planes{"Src", m.Src, m.N, SlackBytes, SlackBytes}.check(name, len(m.Mem), m.C)
}

func refQMean(m *QMean) {
	for c := range m.C {
		sum := int32(0)
		for _, v := range m.Mem[m.Src[c]:][:m.N] {
			sum += int32(v)
		}
		m.finish(c, sum)
	}
}

// finish makes an output of the sum of plane c.
func (m *QMean) finish(c int, sum int32) {
	f := float32(float32(sum-int32(m.N)*int32(m.Zeros[c])) * m.Mult[c])
	if m.Dst != nil {
		m.Dst[c] = f
	} else {
		m.Out[c] = m.Requant.clamper().of(f)
	}
}
