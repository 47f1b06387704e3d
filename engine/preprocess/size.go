package preprocess

import (
	"math"

	"github.com/riffle-ml/riffle/weights"
)

// resized is the size that a w x h picture is scaled to.
func resized(w, h int, spec *weights.Preprocess) (rw, rh int64) {
	switch {
	case spec.Letterbox != nil:
		return contained(w, h, int64(spec.Crop[1]), int64(spec.Crop[0]))
	case spec.Resize == 0:
		return int64(spec.Crop[1]), int64(spec.Crop[0])
	}
	// As torchvision's Resize(int) computes it: the longer side is truncated.
	s := int64(spec.Resize)
	if w <= h {
		return s, s * int64(h) / int64(w)
	}
	return s * int64(w) / int64(h), s
}

// contained is the largest size of w x h's proportions within cw x ch, as Pillow's
// ImageOps.contain rounds it; at least one pixel a side.
func contained(w, h int, cw, ch int64) (rw, rh int64) {
	picture, box := float64(w)/float64(h), float64(cw)/float64(ch)
	switch {
	case picture > box:
		return cw, max(1, int64(math.RoundToEven(float64(h)/float64(w)*float64(cw))))
	case picture < box:
		return max(1, int64(math.RoundToEven(float64(w)/float64(h)*float64(ch)))), ch
	}
	return cw, ch
}

// centre says which part of an axis of length size a centre crop keeps: n
// positions from first on, which land at pad in the crop. As torchvision's
// CenterCrop: what is cut is halved with halves rounded to even, and a picture
// that is too small is padded, the smaller half first.
func centre(size, crop int) (first, n, pad int) {
	if size < crop {
		return 0, size, (crop - size) / 2
	}
	d := size - crop
	first = d / 2
	if d&1 == 1 && first&1 == 1 {
		first++
	}
	return first, crop, 0
}

// boxed is centre for a letterbox, whose margins Pillow's ImageOps.pad rounds
// to even.
func boxed(size, crop int) (first, n, pad int) {
	return 0, size, int(math.RoundToEven(float64(crop-size) / 2))
}

// axes says what is done to a picture of w x h along x and y. ok is false for a
// picture that is too long to be scaled to what spec says.
func axes(w, h int, spec *weights.Preprocess) (x, y axis, ok bool) {
	rw, rh := resized(w, h, spec)
	if max(rw, rh) > math.MaxInt32 {
		return x, y, false
	}
	place := centre
	if spec.Letterbox != nil {
		place = boxed
	}
	x = axis{in: w, scale: float64(w) / float64(rw), same: int64(w) == rw}
	y = axis{in: h, scale: float64(h) / float64(rh), same: int64(h) == rh}
	x.first, x.n, x.pad = place(int(rw), spec.Crop[1])
	y.first, y.n, y.pad = place(int(rh), spec.Crop[0])
	return x, y, true
}
