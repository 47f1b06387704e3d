package kernel

import "fmt"

// QLinear is the quantized [Linear], a matrix-vector product:
//
//	f = float32(Bias[o] + sum_i W[o*In+i]*X[i]) * Mult[o]
//
// W is row-major, Out x In, not packed. The sum is exact, in int32, and Bias[o] includes
// -sum_i W[o*In+i]*zero[i]. Y[o] is f, or, where Y is nil, Out8[o] is q(f), where q is
// [Requant]. Reads stay inside the slices. A range of outputs is computed by slicing W,
// Bias, Mult and the output: same bits. X and the output do not overlap.
type QLinear struct {
	X       []byte
	W       []int8
	Bias    []int32
	Mult    []float32
	Y       []float32 // Out values, or nil
	Out8    []byte    // Out values, where Y is nil
	In, Out int
	Requant
}

// Check tells where l breaks its contract.
func (l *QLinear) Check() error {
	const name = "qlinear"
	if err := positive(name, "In", l.In, "Out", l.Out); err != nil {
		return err
	}
	out := len(l.Y)
	if l.Y == nil {
		out = len(l.Out8)
	}
	for _, s := range []struct {
		name      string
		got, want int
	}{{"X", len(l.X), l.In}, {"W", len(l.W), l.In * l.Out}, {"Bias", len(l.Bias), l.Out}, {"the output", out, l.Out}} {
		if s.got != s.want {
			return fmt.Errorf("%s: %s has %d values, wanted %d", name, s.name, s.got, s.want)
		}
	}
	if err := checkMultipliers(name, "Mult", l.Mult, l.Out, 1); err != nil {
		return err
	}
	for o, m := range l.Mult {
		if err := checkSum(name, o, SumBound(l.Bias[o], l.W[o*l.In:][:l.In]), m); err != nil {
			return err
		}
	}
	return l.Requant.check(name)
}

func refQLinear(l *QLinear) {
	for o := range l.Out {
		sum := l.Bias[o]
		for i, w := range l.W[o*l.In:][:l.In] {
			sum += int32(w) * int32(l.X[i])
		}
		l.finish(o, sum)
	}
}

// finish makes output o of its sum.
func (l *QLinear) finish(o int, sum int32) {
	f := float32(float32(sum) * l.Mult[o])
	if l.Y != nil {
		l.Y[o] = f
	} else {
		l.Out8[o] = l.Requant.clamper().of(f)
	}
}
