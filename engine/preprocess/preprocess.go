package preprocess

import (
	"math"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// Bounds on a specification, so that a hostile model file cannot ask for
// absurd buffers.
const (
	maxSide   = 1 << 14
	maxOutput = 1 << 26 // values
)

// Preprocessor carries out one [weights.Preprocess], such as that of engine's
// Model.Preprocess. It owns scratch buffers
// that grow to the largest picture seen and are then reused: a server makes one
// per worker and allocates nothing per picture. Not safe for concurrent use.
type Preprocessor struct {
	spec weights.Preprocess
	// level[c][v] is the input value of grey level v in output channel c, and
	// from[c] the colour (0 red, 1 green, 2 blue) that channel holds.
	level [][256]float32
	from  []int

	src    source
	filter filter
	x, y   taps
	// Of the picture being resized:
	channels int     // 3, or 1 where all are equal
	line     []byte  // two source rows, RGB
	pairs    pairs   // the same, value by value
	row      []byte  // the same resized along x, one after the other
	acc      []int32 // a ring of output rows, weighted sums
}

// New checks spec and prepares it. spec is copied. The error is one of
// [ErrSpec] and says which field was got and what is wanted.
func New(spec *weights.Preprocess) (*Preprocessor, error) {
	if spec == nil {
		return nil, errf(ErrSpec, "got none")
	}
	p := &Preprocessor{spec: *spec}
	p.spec.Mean, p.spec.Std = slices.Clone(spec.Mean), slices.Clone(spec.Std)
	p.spec.Letterbox = slices.Clone(spec.Letterbox)
	switch spec.Order {
	case "rgb":
		p.from = []int{0, 1, 2}
	case "bgr":
		p.from = []int{2, 1, 0}
	case "gray":
		p.from = []int{0}
	default:
		return nil, errf(ErrSpec, "order: got %q, want rgb, bgr or gray", spec.Order)
	}
	var known bool
	if p.filter, known = filters[spec.Filter]; !known {
		return nil, errf(ErrSpec, "filter: got %q, want bilinear or bicubic", spec.Filter)
	}
	if spec.Resize < 0 || spec.Resize > maxSide {
		return nil, errf(ErrSpec, "resize: got %d, want 0 to %d", spec.Resize, maxSide)
	}
	h, w, c := spec.Crop[0], spec.Crop[1], len(p.from)
	if h < 1 || w < 1 || h > maxSide || w > maxSide || h*w > maxOutput/c {
		return nil, errf(ErrSpec, "crop: got %d x %d, want at least 1 x 1 and at most %d values", h, w, maxOutput)
	}
	if len(spec.Mean) != c || len(spec.Std) != c {
		return nil, errf(ErrSpec, "mean and std: got %d and %d values, want %d for order %s",
			len(spec.Mean), len(spec.Std), c, spec.Order)
	}
	if err := checkLetterbox(spec, c); err != nil {
		return nil, err
	}
	p.level = make([][256]float32, c)
	for i := range p.level {
		mean, std := float32(spec.Mean[i]), float32(spec.Std[i])
		if !finite(mean) || !finite(std) || std == 0 {
			return nil, errf(ErrSpec, "mean and std of channel %d: got %v and %v, want finite ones and std not 0",
				i, spec.Mean[i], spec.Std[i])
		}
		for v := range p.level[i] {
			// ToTensor, then Normalize: each step rounds to float32.
			t := float32(float32(v) / 255)
			t = float32(t - mean)
			p.level[i][v] = float32(t / std)
		}
	}
	return p, nil
}

// Shape returns the shape of what Apply writes: channels, height, width.
func (p *Preprocessor) Shape() (c, h, w int) { return len(p.from), p.spec.Crop[0], p.spec.Crop[1] }

// checkLetterbox checks the colour of the margins: c levels, in the order of the channels.
func checkLetterbox(spec *weights.Preprocess, c int) error {
	if spec.Letterbox == nil {
		return nil
	}
	if spec.Resize != 0 {
		return errf(ErrSpec, "letterbox: got resize %d, want 0: the picture is scaled to fit the crop", spec.Resize)
	}
	if len(spec.Letterbox) != c {
		return errf(ErrSpec, "letterbox: got %d levels, want %d for order %s", len(spec.Letterbox), c, spec.Order)
	}
	for i, v := range spec.Letterbox {
		if v < 0 || v > 255 {
			return errf(ErrSpec, "letterbox: level %d: got %d, want 0 to 255", i, v)
		}
	}
	return nil
}

func finite(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }
