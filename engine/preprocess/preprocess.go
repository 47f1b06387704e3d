package preprocess

import (
	"image"
	"math"
	"slices"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/ycc"
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

	src  source
	x, y taps
	line []byte  // one source row, RGB
	row  []byte  // the same resized along x
	acc  []int32 // a ring of output rows, weighted sums
}

// New checks spec and prepares it. spec is copied. The error is one of
// [ErrSpec] and says which field was got and what is wanted.
func New(spec *weights.Preprocess) (*Preprocessor, error) {
	if spec == nil {
		return nil, errf(ErrSpec, "got none")
	}
	p := &Preprocessor{spec: *spec}
	p.spec.Mean, p.spec.Std = slices.Clone(spec.Mean), slices.Clone(spec.Std)
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
	if spec.Filter != "bilinear" {
		return nil, errf(ErrSpec, "filter: got %q, want bilinear", spec.Filter)
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

func finite(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }

// Shape returns the shape of what Apply writes: channels, height, width.
func (p *Preprocessor) Shape() (c, h, w int) { return len(p.from), p.spec.Crop[0], p.spec.Crop[1] }

// Apply writes img as the network's input: resized, cropped, normalised,
// channel planes one after the other, each row by row; no row or plane is padded.
// dst must hold exactly C*H*W values, those of [Preprocessor.Shape]; for a batch,
// a part of a longer slice. A picture of any size and type will do; img is only
// read. Errors are of [ErrShape] or [ErrImage], and dst
// is then untouched.
func (p *Preprocessor) Apply(dst []float32, img image.Image) error {
	c, h, w := p.Shape()
	if len(dst) != c*h*w {
		return errf(ErrShape, "output: got %d values, want %d (%d x %d x %d)", len(dst), c*h*w, c, h, w)
	}
	defer p.src.close()
	if err := p.src.open(img); err != nil {
		return err
	}
	rw, rh := resized(p.src.w, p.src.h, &p.spec)
	if max(rw, rh) > math.MaxInt32 {
		return errf(ErrImage, "got %d x %d pixels, too long to scale to %d", p.src.w, p.src.h, p.spec.Resize)
	}
	left, nx, padX := centre(int(rw), w)
	top, ny, padY := centre(int(rh), h)
	// Only what the crop keeps is computed.
	p.x.set(p.src.w, int(rw), left, nx)
	p.y.set(p.src.h, int(rh), top, ny)
	if nx < w || ny < h {
		p.pad(dst)
	}
	x0, x1 := p.x.span()
	y0, y1 := p.y.span()
	p.line = grow(p.line, 3*(x1-x0))
	p.row = grow(p.row, 3*nx)
	depth := p.y.depth()
	p.acc = grow(p.acc, 3*nx*depth)
	sum := func(o int) []int32 { return p.acc[o%depth*3*nx:][:3*nx] }
	// Rows stream through: a source row is resized along x and added to every
	// output row that wants it, so memory does not grow with the height.
	// Output rows done..open-1 are under way.
	done, open := 0, 0
	for y := y0; y < y1; y++ {
		p.src.row(p.line, y, x0, x1)
		if c == 1 {
			toGray(p.line)
		}
		p.x.horizontal(p.row, p.line, x0)
		for ; open < ny && int(p.y.start[open]) == y; open++ {
			acc := sum(open)
			for i := range acc {
				acc[i] = 1 << (fractionBits - 1)
			}
		}
		for o := done; o < open; o++ {
			accumulate(sum(o), p.row, p.y.weight[o*p.y.per+y-int(p.y.start[o])])
		}
		for ; done < open && int(p.y.start[done]+p.y.size[done]) == y+1; done++ {
			p.emit(dst[(padY+done)*w+padX:], sum(done), h*w)
		}
	}
	return nil
}

// emit normalises one finished row into every channel plane, plane values apart.
func (p *Preprocessor) emit(dst []float32, acc []int32, plane int) {
	for i := range p.level {
		level, out := &p.level[i], dst[i*plane:][:len(acc)/3]
		for x, j := 0, p.from[i]; x < len(out) && j < len(acc); x, j = x+1, j+3 {
			out[x] = level[ycc.Clamp8(acc[j]>>fractionBits)]
		}
	}
}

// pad fills dst with black, normalised: torchvision pads before it normalises.
func (p *Preprocessor) pad(dst []float32) {
	n := len(dst) / len(p.level)
	for c := range p.level {
		for i := range dst[c*n:][:n] {
			dst[c*n+i] = p.level[c][0]
		}
	}
}

// toGray replaces RGB by its luma, ITU-R 601-2 as Pillow's convert("L") rounds it.
func toGray(rgb []byte) {
	for p := rgb; len(p) >= 3; p = p[3:] {
		l := uint8((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
		p[0], p[1], p[2] = l, l, l
	}
}

// Apply is New(spec) and one Apply, for the occasional picture. dst, errors and
// layout are as there. Safe for concurrent use.
func Apply(dst []float32, img image.Image, spec *weights.Preprocess) error {
	p, err := New(spec)
	if err != nil {
		return err
	}
	return p.Apply(dst, img)
}
