package kernel

import "fmt"

// Check tells where l breaks the contract, or returns nil.
func (l *Linear) Check() error {
	if err := positive("linear", "In", l.In, "Out", l.Out); err != nil {
		return err
	}
	matrix, values := "W", len(l.W)
	if l.Half != nil {
		if l.W != nil || l.In%8 != 0 {
			return fmt.Errorf("linear: Half beside a W of %d values, and In is %d, wanted no W and a multiple of 8", len(l.W), l.In)
		}
		matrix, values = "Half", len(l.Half)
	}
	for _, s := range []struct {
		name      string
		got, want int
	}{{"X", len(l.X), l.In}, {"Y", len(l.Y), l.Out}, {matrix, values, l.In * l.Out}} {
		if s.got != s.want {
			return fmt.Errorf("linear: %s has %d values, wanted %d", s.name, s.got, s.want)
		}
	}
	return l.Epilogue.check("linear", l.Out, taking{bias: true})
}

// refLinear is the reference. Its terms go to eight partial sums, as the SIMD
// sets' do, so that long vectors lose no more accuracy here than there.
func refLinear(l *Linear) {
	x := l.X[:l.In]
	for o := range l.Out {
		w := l.W[o*l.In:][:len(x)]
		var s [8]float32
		i := 0
		for ; i+8 <= len(x); i += 8 {
			a, b := x[i:i+8:i+8], w[i:i+8:i+8]
			for j := range 8 {
				s[j] += float32(a[j] * b[j])
			}
		}
		for j := 0; i < len(x); i, j = i+1, j+1 {
			s[j] += float32(x[i] * w[i])
		}
		l.Y[o] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])) + l.bias(o)
	}
	l.Act.apply(l.Y[:l.Out])
}
