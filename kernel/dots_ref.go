package kernel

import "fmt"

// Check tells where d breaks the contract, or returns nil.
func (d *Dots) Check() error {
	if len(d.Bias) != d.Out {
		return fmt.Errorf("dots: Bias has %d values, wanted %d", len(d.Bias), d.Out)
	}
	return (&Linear{X: d.X, W: d.W, Y: d.Y, In: d.In, Out: d.Out}).Check()
}

func refDots(d *Dots) {
	x := d.X[:d.In]
	for o := range d.Out {
		w := d.W[o*d.In:][:len(x)]
		var s [8]float32
		i := 0
		for ; i+8 <= len(x); i += 8 {
			a, b := x[i:i+8:i+8], w[i:i+8:i+8]
			s[0] += float32(a[0] * b[0])
			s[1] += float32(a[1] * b[1])
			s[2] += float32(a[2] * b[2])
			s[3] += float32(a[3] * b[3])
			s[4] += float32(a[4] * b[4])
			s[5] += float32(a[5] * b[5])
			s[6] += float32(a[6] * b[6])
			s[7] += float32(a[7] * b[7])
		}
		if i < len(x) {
			for j := range s {
				term := float32(0)
				if i+j < len(x) {
					term = float32(x[i+j] * w[i+j])
				}
				s[j] += term
			}
		}
		d.Y[o] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])) + d.Bias[o]
	}
}
