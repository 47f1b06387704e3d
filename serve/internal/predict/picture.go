package predict

import (
	"context"
	"time"

	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/network"
	"github.com/riffle-ml/riffle/serve/internal/oip"
)

// encoded is pictures as files: PNG, JPEG and what else preprocess.Decode reads.
type encoded struct {
	files [][]byte
	limit preprocess.Options
}

// raw is pictures as pixels.
type raw struct {
	pixels        [][]byte
	layout        preprocess.Layout
	width, height int
}

// layouts by the name that the parameter "layout" takes, and their bytes a pixel.
var layouts = map[string]struct {
	layout preprocess.Layout
	bytes  int
}{
	"rgb": {preprocess.RGB, 3}, "bgr": {preprocess.BGR, 3}, "gray": {preprocess.Gray, 1},
	"rgba": {preprocess.RGBA, 4}, "bgra": {preprocess.BGRA, 4},
}

// pictures reads the input "image". BYTES are encoded pictures or, with parameters width
// and height, pixels; UINT8 [n height width channels], or without n, are pixels.
func (p *Predictor) pictures(t *oip.Tensor) (source, error) {
	where := "input " + t.Name
	name, err := t.Params.String(where, "layout", "rgb")
	if err != nil {
		return nil, err
	}
	layout, ok := layouts[name]
	if !ok {
		return nil, fault.New(fault.Invalid, "%s: layout %q, want rgb, bgr, gray, rgba or bgra", where, name)
	}
	width, err := t.Params.Int(where, "width", 0)
	if err != nil {
		return nil, err
	}
	height, err := t.Params.Int(where, "height", 0)
	if err != nil {
		return nil, err
	}
	s := raw{layout: layout.layout}
	switch {
	case t.Datatype == oip.BYTES && width == 0 && height == 0:
		return encoded{t.Strings, p.Limits.Picture}, nil
	case t.Datatype == oip.BYTES:
		s.pixels = t.Strings
	case t.Datatype == oip.UINT8:
		shape := t.Shape
		if len(shape) == 3 {
			shape = append([]int64{1}, shape...)
		}
		if len(shape) != 4 || shape[3] != int64(layout.bytes) {
			return nil, fault.New(fault.Invalid, "%s: pixels of shape %v, want [n height width %d] for layout %s", where, t.Shape, layout.bytes, name)
		}
		if err := p.fits(shape[0]); err != nil {
			return nil, err
		}
		height, width = shape[1], shape[2]
		if each := int(height * width * shape[3]); each > 0 {
			for b := t.Octets; len(b) >= each; b = b[each:] {
				s.pixels = append(s.pixels, b[:each])
			}
		}
	default:
		return nil, fault.New(fault.Invalid, "%s: datatype %s, want %s or %s", where, t.Datatype, oip.BYTES, oip.UINT8)
	}
	if width < 1 || height < 1 || width > 1<<20 || height > 1<<20 || width*height > p.Limits.Picture.MaxPixels {
		return nil, fault.New(fault.TooLarge, "%s: pictures of %d x %d pixels, want 1 to %d", where, width, height, p.Limits.Picture.MaxPixels)
	}
	s.width, s.height = int(width), int(height)
	for i, b := range s.pixels {
		if want := s.width * s.height * layout.bytes; len(b) != want {
			return nil, fault.New(fault.Invalid, "%s: picture %d has %d bytes, want %d for %d x %d %s", where, i, len(b), want, width, height, name)
		}
	}
	return s, nil
}

func (s encoded) samples() int { return len(s.files) }
func (s encoded) weight() int  { return longest(s.files) }

func (s encoded) input(ctx context.Context, x *network.Runner, i int, took *[len(stages)]time.Duration) ([]float32, error) {
	start := time.Now()
	img, _, err := preprocess.DecodeBytesContext(ctx, s.files[i], s.limit)
	took[1] = time.Since(start)
	if err != nil {
		return nil, decoded(i, err)
	}
	return apply(ctx, x, i, img, took)
}

func (s raw) samples() int { return len(s.pixels) }
func (s raw) weight() int  { return longest(s.pixels) }

func longest(list [][]byte) (n int) {
	for _, b := range list {
		n = max(n, len(b))
	}
	return n
}

func (s raw) input(ctx context.Context, x *network.Runner, i int, took *[len(stages)]time.Duration) ([]float32, error) {
	return apply(ctx, x, i, preprocess.NewFrame(s.layout, s.width, s.height, s.pixels[i]), took)
}
