package kernel

import "testing"

// window of a network: the size of the input, of the kernel, stride, dilation, and the
// padding at the top and left and at the bottom and right.
type netWindow struct {
	size, k, stride, dilation, before, after int
	ceil                                     bool
}

func (w netWindow) out() int {
	n := w.size + w.before + w.after - w.dilation*(w.k-1) - 1
	if o := n/w.stride + 1; !w.ceil || n%w.stride == 0 || o*w.stride >= w.size+w.before {
		return o
	}
	return n/w.stride + 2
}

// tensorflow is the padding that TensorFlow calls SAME.
func tensorflow(size, k, stride int) netWindow {
	all := max(0, ((size+stride-1)/stride-1)*stride+k-size)
	return netWindow{size, k, stride, 1, all / 2, all - all/2, false}
}

// padded has the same padding on all sides.
func padded(size, k, stride, pad int) netWindow {
	return netWindow{size, k, stride, 1, pad, pad, false}
}

func (w netWindow) up() netWindow            { w.ceil = true; return w }
func (w netWindow) dilated(by int) netWindow { w.dilation = by; return w }
func many(w ...netWindow) (all []netWindow)  { return w }
func eachSize(f func(size int) netWindow, n ...int) (all []netWindow) {
	for _, s := range n {
		all = append(all, f(s))
	}
	return all
}

// netPools are the poolings of networks at their usual input sizes, but for global
// means.
var netPools = map[string][]netWindow{
	"alexnet":                eachSize(func(n int) netWindow { return padded(n, 3, 2, 0) }, 55, 27, 13),
	"vgg":                    eachSize(func(n int) netWindow { return padded(n, 2, 2, 0) }, 224, 112, 56, 28, 14),
	"squeezenet":             eachSize(func(n int) netWindow { return padded(n, 3, 2, 0).up() }, 109, 111, 54, 55, 27, 13),
	"googlenet":              append(eachSize(func(n int) netWindow { return padded(n, 3, 2, 0).up() }, 112, 56, 28), padded(14, 2, 2, 0).up()),
	"googlenet, branches":    eachSize(func(n int) netWindow { return padded(n, 3, 1, 1).up() }, 28, 14, 7),
	"inception_v3":           eachSize(func(n int) netWindow { return padded(n, 3, 2, 0) }, 147, 71, 35, 17),
	"inception_v3, branches": eachSize(func(n int) netWindow { return padded(n, 3, 1, 1) }, 35, 17, 8),
	"resnet":                 many(padded(112, 3, 2, 1)),
	"resnet-d":               eachSize(func(n int) netWindow { return padded(n, 2, 2, 0).up() }, 56, 28, 14, 7),
	"densenet":               eachSize(func(n int) netWindow { return padded(n, 2, 2, 0) }, 56, 28, 14),
	"shufflenet":             append(eachSize(func(n int) netWindow { return padded(n, 3, 2, 1) }, 112, 56, 28, 14), padded(113, 3, 2, 1)),
	"res2net":                eachSize(func(n int) netWindow { return padded(n, 3, 2, 1) }, 56, 28, 14),
	"poolformer":             eachSize(func(n int) netWindow { return padded(n, 3, 1, 1) }, 56, 28, 14, 7),
	"xception":               eachSize(func(n int) netWindow { return padded(n, 3, 2, 1) }, 147, 74, 37, 19),
	"nasnet":                 eachSize(func(n int) netWindow { return tensorflow(n, 3, 2) }, 111, 56, 42, 28, 21, 14, 11),
	"nasnet, 1x1":            eachSize(func(n int) netWindow { return padded(n, 1, 2, 0) }, 165, 83, 42, 21),
	"cspnet, spp":            many(padded(20, 5, 1, 2), padded(20, 9, 1, 4), padded(20, 13, 1, 6), padded(13, 13, 1, 6), padded(7, 13, 1, 6)),
	"vovnet":                 eachSize(func(n int) netWindow { return padded(n, 3, 2, 0).up() }, 112, 56, 28, 14),
	"adaptive":               many(padded(28, 4, 4, 0), padded(56, 8, 8, 0), padded(14, 7, 7, 0), padded(8, 8, 1, 0), padded(7, 7, 1, 0), padded(32, 16, 16, 0)),
	"coatnet":                eachSize(func(n int) netWindow { return tensorflow(n, 2, 2) }, 112, 56, 28, 14),
	"small input":            eachSize(func(n int) netWindow { return padded(n, 3, 1, 1) }, 4, 2, 1),
}

// netDepthwise are the depthwise convolutions of networks.
var netDepthwise = map[string][]netWindow{
	"mobilenet":             append(eachSize(func(n int) netWindow { return padded(n, 3, 1, 1) }, 112, 56, 28, 14, 7), eachSize(func(n int) netWindow { return padded(n, 3, 2, 1) }, 112, 56, 28, 14)...),
	"mobilenet_v3":          append(eachSize(func(n int) netWindow { return padded(n, 5, 1, 2) }, 28, 14, 7), eachSize(func(n int) netWindow { return padded(n, 5, 2, 2) }, 56, 28, 14)...),
	"mobilenet_v3, dilated": many(padded(14, 5, 1, 4).dilated(2), padded(28, 3, 1, 2).dilated(2)),
	"efficientnet, 3":       eachSize(func(n int) netWindow { return tensorflow(n, 3, 2) }, 112, 113, 56, 57, 28, 14),
	"efficientnet, 5":       eachSize(func(n int) netWindow { return tensorflow(n, 5, 2) }, 112, 56, 57, 28, 14, 15),
	"mixnet, 7":             eachSize(func(n int) netWindow { return tensorflow(n, 7, 2) }, 56, 28, 14),
	"mixnet, 9, 11":         append(eachSize(func(n int) netWindow { return padded(n, 9, 1, 4) }, 14, 7), padded(7, 11, 1, 5), tensorflow(14, 9, 2), tensorflow(14, 11, 2)),
	"convnext":              eachSize(func(n int) netWindow { return padded(n, 7, 1, 3) }, 56, 28, 14, 7),
	"edgenext":              many(padded(64, 3, 1, 1), padded(32, 5, 1, 2), padded(16, 7, 1, 3), padded(8, 9, 1, 4)),
	"starnet":               eachSize(func(n int) netWindow { return padded(n, 7, 1, 3) }, 56, 28, 14, 7),
	"fastvit":               eachSize(func(n int) netWindow { return padded(n, 7, 2, 3) }, 64, 32, 16),
	"replknet":              many(padded(56, 31, 1, 15), padded(28, 29, 1, 14), padded(14, 27, 1, 13), padded(7, 13, 1, 6)),
	"ghostnet":              many(padded(56, 5, 2, 2), padded(28, 3, 2, 1), padded(14, 5, 2, 2), padded(7, 5, 1, 2)),
	"nasnet":                many(tensorflow(83, 5, 2), tensorflow(83, 7, 2), tensorflow(42, 7, 2), tensorflow(42, 5, 1), padded(21, 7, 1, 3)),
	"xception":              eachSize(func(n int) netWindow { return padded(n, 3, 1, 1) }, 147, 74, 37, 19, 10),
	"deeplab":               many(padded(33, 3, 1, 2).dilated(2), padded(33, 3, 1, 4).dilated(4), padded(33, 3, 1, 12).dilated(12)),
	"cvt":                   eachSize(func(n int) netWindow { return padded(n, 3, 2, 1) }, 56, 28, 14),
	"small input":           many(padded(2, 5, 1, 2), padded(1, 3, 1, 1), padded(1, 5, 1, 2), padded(2, 7, 1, 3), padded(1, 7, 1, 3), padded(4, 9, 1, 4)),
	"patches":               many(padded(56, 4, 4, 0), padded(56, 2, 2, 0), padded(14, 3, 3, 0)),
}

// TestNetworksAvoidTheReference: no pooling or depthwise convolution of these networks
// is left to the reference by a set that has vectors.
func TestNetworksAvoidTheReference(t *testing.T) {
	forEachSet(t, func(t *testing.T, s *Set) {
		if s == generic {
			return
		}
		for name, windows := range netPools {
			for _, w := range windows {
				for _, count := range []bool{false, true} {
					p := &Pool{
						H: w.size, W: w.size, OH: w.out(), OW: w.out(), KH: w.k, KW: w.k, SH: w.stride, SW: w.stride,
						PadTop: w.before, PadLeft: w.before, CountPad: count,
					}
					p.Masks = s.PoolMasks(p)
					for _, call := range []any{MaxPool{p}, AvgPool{p}} {
						if got := s.Implementation(call); IsReference(got) {
							t.Errorf("%s: %+v, counting padding %v: %s", name, w, count, got)
						}
					}
				}
			}
		}
		for name, windows := range netDepthwise {
			for _, w := range windows {
				d := &Depthwise{
					H: w.size, Wid: w.size, OH: w.out(), OW: w.out(), KH: w.k, KW: w.k, SH: w.stride, SW: w.stride,
					DH: w.dilation, DW: w.dilation, PadTop: w.before, PadLeft: w.before,
				}
				d.Masks = s.DepthwiseMasks(d)
				if got := s.Implementation(d); IsReference(got) {
					t.Errorf("%s: %+v: %s", name, w, got)
				}
			}
		}
	})
}
