package preprocess

import (
	"context"
	"image"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/ycc"
	"github.com/riffle-ml/riffle/weights"
)

// Apply is [Preprocessor.ApplyContext] without a context.
func (p *Preprocessor) Apply(dst []float32, img image.Image) error {
	return p.ApplyContext(context.Background(), dst, img)
}

// ApplyContext writes img as the network's input: resized, cropped, normalised,
// channel planes one after the other, each row by row; no row or plane is padded.
// dst must hold exactly C*H*W values, those of [Preprocessor.Shape]; for a batch,
// a part of a longer slice. img is only read. It may be of any type and size: a
// [Frame], the image package's types and any [image.RGBA64Image] are read without
// allocation; of another type, At is called for each pixel. An *image.Uniform counts
// as one pixel.
//
// The time it takes grows with the pixels of img that the crop keeps and with the
// output, the memory with the output alone; ctx is looked at every few thousand pixels.
//
// Errors are of [ErrShape] or [ErrImage], and dst is then untouched; or the
// context's, and dst then holds nothing of use.
func (p *Preprocessor) ApplyContext(ctx context.Context, dst []float32, img image.Image) error {
	c, h, w := p.Shape()
	if len(dst) != c*h*w {
		return errf(ErrShape, "output: got %d values, want %d (%d x %d x %d)", len(dst), c*h*w, c, h, w)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	defer p.src.close()
	if err := p.src.open(img); err != nil {
		return err
	}
	ax, ay, ok := axes(p.src.w, p.src.h, &p.spec)
	if !ok {
		return errf(ErrImage, "got %d x %d pixels, too long to scale to %d", p.src.w, p.src.h, p.spec.Resize)
	}
	rows := p.src.reduce(&ax, &ay)
	// Only what the crop keeps is computed.
	p.x.set(ax, p.filter)
	p.y.set(ay, p.filter)
	if read := pixels(&p.x, &p.y, &p.src); read > maxRead {
		return errf(ErrImage, "got %d x %d pixels, of which %.3g are to be read; want at most %d", p.src.w, p.src.h, read, int64(maxRead))
	}
	if ax.n < w || ay.n < h {
		p.pad(dst)
	}
	return p.stream(ctx, dst, rows)
}

// maxRead is how many pixels of a picture are read at most. A picture in memory
// does not have so many; one that a program draws as it is asked for may say so.
const maxRead = 1 << 32

// pixels is how many pixels of s are read.
func pixels(x, y *taps, s *source) float64 {
	x0, x1 := x.span()
	y0, y1 := y.span()
	return float64(x1-x0) * float64(s.fx) * float64(y1-y0) * float64(s.fy)
}

// stream resizes. Two source rows at a time are resized along x and added to every
// output row that wants them, so that memory does not grow with the height.
func (p *Preprocessor) stream(ctx context.Context, dst []float32, rows reader) error {
	c, h, w := p.Shape()
	grey := c == 1 || p.src.grey() // one channel does for all
	p.channels = 3
	if grey {
		p.channels = 1
	}
	n, ny := p.channels*p.x.n, p.y.n
	x0, x1 := p.x.span()
	y0, y1 := p.y.span()
	p.line = grow(p.line, 2*3*(x1-x0))
	p.pairs = grow(p.pairs, p.channels*(x1-x0))
	p.row = grow(p.row, 2*n)
	depth := p.y.depth()
	p.acc = grow(p.acc, n*depth)
	sum := func(o int) []int32 { return p.acc[o%depth*n:][:n] }
	one, two := p.line[:3*(x1-x0)], p.line[3*(x1-x0):]
	// Output rows done..open-1 are under way.
	done, open, work := 0, 0, 0
	for y := y0; y < y1; y += 2 {
		if work += 2 * (x1 - x0 + p.x.n); work > 1<<15 {
			if err := ctx.Err(); err != nil {
				return err
			}
			work = 0
		}
		if err := rows.row(ctx, one, y, x0, x1); err != nil {
			return err
		}
		if y+1 < y1 {
			if err := rows.row(ctx, two, y+1, x0, x1); err != nil {
				return err
			}
		}
		switch {
		case c == 1:
			p.pairs.luma(one, two)
		case grey:
			p.pairs.first(one, two)
		default:
			p.pairs.all(one, two)
		}
		p.x.horizontal(p.row[:n], p.row[n:], p.pairs, p.channels, x0)
		for ; open < ny && int(p.y.start[open]) <= y+1; open++ {
			acc := sum(open)
			for i := range acc {
				acc[i] = 1 << (fractionBits - 1)
			}
		}
		for o := done; o < open; o++ {
			accumulate(sum(o), p.row[:n], p.row[n:], p.y.at(o, y), p.y.at(o, y+1))
		}
		for ; done < open && int(p.y.start[done]+p.y.size[done]) <= y+2; done++ {
			p.emit(dst[(p.y.pad+done)*w+p.x.pad:], sum(done), h*w)
		}
	}
	return nil
}

// emit normalises one finished row into every channel plane, plane values apart.
func (p *Preprocessor) emit(dst []float32, acc []int32, plane int) {
	for i := range p.level {
		level, out := &p.level[i], dst[i*plane:][:p.x.n]
		if p.channels == 1 {
			for x, v := range acc[:len(out)] {
				out[x] = level[ycc.Clamp8(v>>fractionBits)]
			}
			continue
		}
		for x, j := 0, p.from[i]; x < len(out) && j < len(acc); x, j = x+1, j+3 {
			out[x] = level[ycc.Clamp8(acc[j]>>fractionBits)]
		}
	}
}

// pad fills dst with the colour of the margins, normalised: black, as torchvision
// pads before it normalises, or the letterbox's.
func (p *Preprocessor) pad(dst []float32) {
	n := len(dst) / len(p.level)
	for c := range p.level {
		v := 0
		if p.spec.Letterbox != nil {
			v = p.spec.Letterbox[c]
		}
		for i := range dst[c*n:][:n] {
			dst[c*n+i] = p.level[c][v]
		}
	}
}

// Apply is New(spec) and one Apply, for the occasional picture. dst, errors and
// layout are as there. Safe for concurrent use.
func Apply(dst []float32, img image.Image, spec *weights.Preprocess) error {
	return ApplyContext(context.Background(), dst, img, spec)
}

// ApplyContext is [Apply] with a context, at which it looks every few thousand pixels.
func ApplyContext(ctx context.Context, dst []float32, img image.Image, spec *weights.Preprocess) error {
	p, err := New(spec)
	if err != nil {
		return err
	}
	return p.ApplyContext(ctx, dst, img)
}
