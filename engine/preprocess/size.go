package preprocess

import "github.com/riffle-ml/riffle/weights"

// resized is the size that a w x h picture is scaled to, as torchvision's
// Resize(int) computes it: the longer side is truncated.
func resized(w, h int, spec *weights.Preprocess) (rw, rh int64) {
	if spec.Resize == 0 {
		return int64(spec.Crop[1]), int64(spec.Crop[0])
	}
	s := int64(spec.Resize)
	if w <= h {
		return s, s * int64(h) / int64(w)
	}
	return s * int64(w) / int64(h), s
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
