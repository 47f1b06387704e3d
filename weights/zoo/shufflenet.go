package zoo

import (
	"fmt"
	"math"

	"github.com/riffle-ml/riffle/weights"
)

// stem adds the first layers.
func (b *builder) stem(a Arch, channels int, act string) {
	if a.Stem == "cifar" {
		b.conv(channels, 3, 1, 1, act)
		return
	}
	b.conv(channels, 3, 2, 1, act)
	b.pool(weights.OpMaxPool, 3, 2, 1)
}

// shuffleNetV2 is Ma, Zhang, Zheng, Sun, arXiv 1807.11164, with torchvision's
// channel table; other widths scale the 1x channels, rounded to even.
func shuffleNetV2(a Arch, b *builder) (*weights.Model, error) {
	stages, last := [3]int{116, 232, 464}, 1024
	switch a.Width {
	case 0.5:
		stages = [3]int{48, 96, 192}
	case 1:
	case 1.5:
		stages = [3]int{176, 352, 704}
	case 2:
		stages, last = [3]int{244, 488, 976}, 2048
	default:
		for i := range stages {
			stages[i] = max(2, int(math.Round(float64(stages[i])*a.Width/2))*2)
		}
	}
	const relu = weights.OpReLU
	b.stem(a, 24, relu)
	for s, c := range stages {
		half := c / 2
		for u := range [3]int{4, 8, 4}[s] {
			var left string
			if u == 0 { // both branches halve the picture
				in, shape := b.value, b.shape
				b.conv(shape[0], 3, 2, shape[0], "")
				b.conv(half, 1, 1, 1, relu)
				left = b.value
				b.value, b.shape = in, shape
				b.conv(half, 1, 1, 1, relu)
				b.conv(half, 3, 2, half, "")
			} else {
				left, b.value = b.split()
				b.conv(half, 1, 1, 1, relu)
				b.conv(half, 3, 1, half, "")
			}
			if a.Pointwise == "dense" {
				b.conv(half, 1, 1, 1, relu)
			} else {
				b.dynamic(1+(half+1)%2, a.Pointwise, relu) // two groups where two divide the branch
			}
			b.nodeIn(weights.OpConcat, []string{left, b.value}, nil, nil)
			b.shape[0] = c
			if a.Shuffle == "dynamic" {
				b.dynamic(2, "", "")
			} else {
				b.shuffle(2)
			}
		}
	}
	b.conv(last, 1, 1, 1, relu)
	return b.classifier(a.Classes), nil
}

// shuffleNetV1 is Zhang, Zhou, Lin, Sun, arXiv 1707.01083, table 1.
func shuffleNetV1(a Arch, b *builder) (*weights.Model, error) {
	base := map[int]int{1: 144, 2: 200, 3: 240, 4: 272, 8: 384}[a.Groups]
	if base == 0 {
		return nil, fmt.Errorf("shufflenetv1: g: got %d, want 1, 2, 3, 4 or 8", a.Groups)
	}
	if a.Pointwise != "dense" {
		return nil, fmt.Errorf("shufflenetv1: pointwise: got %q, want dense", a.Pointwise)
	}
	const relu = weights.OpReLU
	g := a.Groups
	// A unit's bottleneck, a quarter of its channels, must divide into groups.
	unit := 4 * g
	first := int(math.Round(float64(base)*a.Width/float64(unit))) * unit
	if first == 0 {
		return nil, fmt.Errorf("shufflenetv1: got %gx of %d channels, want at least %d", a.Width, base, unit)
	}
	b.stem(a, 24, relu)
	for s, units := range [3]int{4, 8, 4} {
		c := first << s
		for u := range units {
			in, shape := b.value, b.shape
			stride, out := 1, c
			if u == 0 {
				if a.Stem == "imagenet" || s > 0 {
					stride = 2
				}
				out = c - shape[0]
			}
			groups := g
			if s == 0 && u == 0 {
				groups = 1 // 24 channels are too few to group
			}
			b.conv(c/4, 1, 1, groups, relu)
			if a.Shuffle == "dynamic" {
				b.dynamic(g, "", "")
			} else if g > 1 {
				b.shuffle(g)
			}
			b.conv(c/4, 3, stride, c/4, "")
			b.conv(out, 1, 1, g, "")
			if u > 0 {
				b.nodeIn(weights.OpAdd, []string{in, b.value}, nil, nil)
				b.node(relu, nil, nil)
				continue
			}
			main := b.value
			if stride == 2 {
				h, w := b.shape[1], b.shape[2]
				b.value, b.shape = in, shape
				b.pool(weights.OpAvgPool, 3, 2, 1)
				in = b.value
				b.shape[1], b.shape[2] = h, w
			}
			b.nodeIn(weights.OpConcat, []string{in, main}, nil, nil)
			b.shape[0] = c
			b.node(relu, nil, nil)
		}
	}
	return b.classifier(a.Classes), nil
}
