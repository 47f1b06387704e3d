package zoo

import (
	"fmt"

	"github.com/riffle-ml/riffle/weights"
)

func plainOnly(a Arch) error {
	if a.Shuffle != "static" || a.Pointwise != "dense" {
		return fmt.Errorf("%s: got shuffle %s and pointwise %s, want static and dense: it has no shuffle", a.Family, a.Shuffle, a.Pointwise)
	}
	return nil
}

// mobileNetV1 is Howard et al., arXiv 1704.04861, table 1.
func mobileNetV1(a Arch, b *builder) (*weights.Model, error) {
	if err := plainOnly(a); err != nil {
		return nil, err
	}
	const relu = weights.OpReLU6
	stride := 2
	if a.Stem == "cifar" {
		stride = 1
	}
	b.conv(round8(32*a.Width), 3, stride, 1, relu)
	for _, l := range [][2]int{{64, 1}, {128, 2}, {128, 1}, {256, 2}, {256, 1}, {512, 2}, {512, 1}, {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}} {
		b.conv(b.shape[0], 3, l[1], b.shape[0], relu)
		b.conv(round8(float64(l[0])*a.Width), 1, 1, 1, relu)
	}
	return b.classifier(a.Classes), nil
}

// mobileNetV2 is Sandler et al., arXiv 1801.04381, table 2.
func mobileNetV2(a Arch, b *builder) (*weights.Model, error) {
	if err := plainOnly(a); err != nil {
		return nil, err
	}
	const relu = weights.OpReLU6
	stride := 2
	if a.Stem == "cifar" {
		stride = 1
	}
	b.conv(round8(32*a.Width), 3, stride, 1, relu)
	// expansion, channels, repeats, stride of the first
	for _, l := range [][4]int{{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}} {
		out := round8(float64(l[1]) * a.Width)
		for r := range l[2] {
			in, c, s := b.value, b.shape[0], 1
			if r == 0 {
				s = l[3]
				if a.Stem == "cifar" && l[1] == 24 {
					s = 1
				}
			}
			if l[0] > 1 {
				b.conv(c*l[0], 1, 1, 1, relu)
			}
			b.conv(b.shape[0], 3, s, b.shape[0], relu)
			b.conv(out, 1, 1, 1, "")
			if s == 1 && c == out {
				b.nodeIn(weights.OpAdd, []string{in, b.value}, nil, nil)
			}
		}
	}
	b.conv(round8(max(1280, 1280*a.Width)), 1, 1, 1, relu)
	return b.classifier(a.Classes), nil
}

// round8 rounds channels to a multiple of 8, not below 90 % (the rule of the
// MobileNet papers' code).
func round8(x float64) int {
	n := max(8, int(x+4)/8*8)
	if float64(n) < 0.9*x {
		n += 8
	}
	return n
}
