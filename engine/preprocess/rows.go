package preprocess

import "github.com/riffle-ml/riffle/engine/preprocess/internal/ycc"

// pairs holds two rows of samples side by side: those of the first row in the low
// half of each number, those of the second in the high half. One multiplication
// then weighs both.
type pairs []uint64

// all takes every sample of two rows.
func (p pairs) all(one, two []byte) {
	one, two = one[:len(p)], two[:len(p)]
	for i, v := range one {
		p[i] = uint64(v) | uint64(two[i])<<32
	}
}

// first takes the first of each three samples, all three being equal.
func (p pairs) first(one, two []byte) {
	for i := range p {
		p[i] = uint64(one[3*i]) | uint64(two[3*i])<<32
	}
}

// luma takes one value of each three samples: ITU-R 601-2 as Pillow's convert("L")
// rounds it.
func (p pairs) luma(one, two []byte) {
	for i := range p {
		a, b := one[3*i:3*i+3:3*i+3], two[3*i:3*i+3:3*i+3]
		p[i] = uint64(grey(a[0], a[1], a[2])) | uint64(grey(b[0], b[1], b[2]))<<32
	}
}

func grey(r, g, b byte) uint32 {
	return (19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16
}

// halves rounds both halves of a sum.
const halves = 1<<(fractionBits-1) | 1<<(fractionBits-1+32)

// split takes a sum of pairs apart. A low half below zero has borrowed from the
// high one.
func split(v uint64) (one, two uint8) {
	low := int32(v)
	high := int32((v - uint64(int64(low))) >> 32)
	return ycc.Clamp8(low >> fractionBits), ycc.Clamp8(high >> fractionBits)
}

// horizontal resizes two rows along x, to t.n pixels each; src begins at input
// position x0.
func (t *taps) horizontal(one, two []byte, src pairs, channels, x0 int) {
	if channels == 1 {
		t.horizontal1(one, two, src, x0)
		return
	}
	for i := range t.n {
		w := t.weight[i*t.per:][:t.size[i]]
		p := src[3*(int(t.start[i])-x0):][:3*len(w)]
		r, g, b := uint64(halves), uint64(halves), uint64(halves)
		for _, k := range w {
			if len(p) < 3 {
				break // never: it tells the compiler that p[2] exists
			}
			k := uint64(int64(k))
			r += k * p[0]
			g += k * p[1]
			b += k * p[2]
			p = p[3:]
		}
		d, e := one[3*i:3*i+3:3*i+3], two[3*i:3*i+3:3*i+3]
		d[0], e[0] = split(r)
		d[1], e[1] = split(g)
		d[2], e[2] = split(b)
	}
}

// horizontal1 is horizontal for one channel.
func (t *taps) horizontal1(one, two []byte, src pairs, x0 int) {
	for i := range t.n {
		w := t.weight[i*t.per:][:t.size[i]]
		p := src[int(t.start[i])-x0:][:len(w)]
		v := uint64(halves)
		for j, k := range w {
			v += uint64(int64(k)) * p[j]
		}
		one[i], two[i] = split(v)
	}
}

// accumulate adds two rows to acc, each with its weight. All have the same length.
func accumulate(acc []int32, one, two []byte, k, l int32) {
	one, two = one[:len(acc)], two[:len(acc)]
	for j, v := range one {
		acc[j] += k*int32(v) + l*int32(two[j])
	}
}
