package preprocess

import (
	"context"
	"errors"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"
)

// plainColour is a picture of a program's own type.
type plainColour struct {
	w, h int
	c    color.RGBA
}

func (p plainColour) ColorModel() color.Model { return color.RGBAModel }
func (p plainColour) Bounds() image.Rectangle { return image.Rect(0, 0, p.w, p.h) }
func (p plainColour) At(x, y int) color.Color { return p.c }

// randomFrame makes a frame with padding behind its rows.
func randomFrame(layout Layout, w, h, padding int, rng *rand.Rand) *Frame {
	f := &Frame{Layout: layout, Width: w, Height: h}
	for i := range 3 {
		n := f.line(i)
		if n == 0 {
			continue
		}
		rows := h
		if i > 0 {
			rows = (h + 1) / 2
		}
		f.Strides[i] = n + padding
		f.Planes[i] = make([]byte, (rows-1)*(n+padding)+n) // the last row has none
		for k := range f.Planes[i] {
			f.Planes[i][k] = byte(rng.Uint32())
		}
	}
	return f
}

// want converts a pixel by the formula of ITU-R BT.601 and BT.709, in float64.
func (f *Frame) want(x, y int) (rgb [3]float64) {
	at := func(plane, offset, y int) float64 { return float64(f.Planes[plane][y*f.Strides[plane]+offset]) }
	var l, cb, cr float64
	switch f.Layout {
	case Gray:
		v := at(0, x, y)
		return [3]float64{v, v, v}
	case RGB:
		return [3]float64{at(0, 3*x, y), at(0, 3*x+1, y), at(0, 3*x+2, y)}
	case BGR:
		return [3]float64{at(0, 3*x+2, y), at(0, 3*x+1, y), at(0, 3*x, y)}
	case RGBA:
		return [3]float64{at(0, 4*x, y), at(0, 4*x+1, y), at(0, 4*x+2, y)}
	case BGRA:
		return [3]float64{at(0, 4*x+2, y), at(0, 4*x+1, y), at(0, 4*x, y)}
	case YUYV:
		l, cb, cr = at(0, 2*x, y), at(0, x/2*4+1, y), at(0, x/2*4+3, y)
	case NV12:
		l, cb, cr = at(0, x, y), at(1, x/2*2, y/2), at(1, x/2*2+1, y/2)
	case NV21:
		l, cr, cb = at(0, x, y), at(1, x/2*2, y/2), at(1, x/2*2+1, y/2)
	case I420:
		l, cb, cr = at(0, x, y), at(1, x/2, y/2), at(2, x/2, y/2)
	}
	kr, kb := 0.299, 0.114
	if f.Matrix == BT709 {
		kr, kb = 0.2126, 0.0722
	}
	l, cb, cr = l/255, (cb-128)/255, (cr-128)/255
	if f.Video {
		l, cb, cr = (l*255-16)/219, cb*255/224, cr*255/224
	}
	r, b := l+2*(1-kr)*cr, l+2*(1-kb)*cb
	return [3]float64{255 * r, 255 * (l - kr*r - kb*b) / (1 - kr - kb), 255 * b}
}

// TestFrames holds every layout to the formula, whole and in parts, with rows padded
// and not, and both through Apply's way and through At.
func TestFrames(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for layout := Gray; layout <= I420; layout++ {
		for _, size := range [][2]int{{1, 1}, {7, 5}, {8, 6}} {
			for kind := range 8 {
				f := randomFrame(layout, size[0], size[1], kind&1*3, rng)
				if kind&1 == 0 {
					f.Strides = [3]int{}
				}
				f.Matrix, f.Video = Matrix(kind>>1&1), kind&4 != 0
				got, w, h := readRGB(t, f)
				if w != size[0] || h != size[1] {
					t.Fatalf("%v: got %d x %d pixels, want %v", layout, w, h, size)
				}
				for i := range f.Strides {
					f.Strides[i] = max(f.Strides[i], f.line(i))
				}
				for y := range h {
					for x := range w {
						c := f.At(x, y).(color.NRGBA)
						for k, v := range f.want(x, y) {
							g := got[3*(y*w+x)+k]
							if want := max(0, min(v, 255)); math.Abs(float64(g)-want) > 0.51 {
								t.Fatalf("%v %v video %v at %d, %d, channel %d: got %d, want %v", layout, f.Matrix, f.Video, x, y, k, g, want)
							}
							if a := [3]byte{c.R, c.G, c.B}[k]; a != g || c.A != 255 {
								t.Fatalf("%v at %d, %d: At gives %v, a row %d", layout, x, y, c, g)
							}
						}
					}
				}
			}
		}
	}
}

// TestFrameAllocatesNothing: Apply reads frames in place.
func TestFrameAllocatesNothing(t *testing.T) {
	p, err := New(imagenet)
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]float32, 3*224*224)
	rng := rand.New(rand.NewPCG(5, 6))
	for layout := Gray; layout <= I420; layout++ {
		f := randomFrame(layout, 320, 240, 16, rng)
		if n := testing.AllocsPerRun(3, func() { err = p.ApplyContext(context.Background(), dst, f) }); n != 0 || err != nil {
			t.Errorf("%v: got %v allocations and %v, want none", layout, n, err)
		}
	}
}

func TestFrameErrors(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	dst := make([]float32, 3*2*2)
	spec := levels([3]int{0, 2, 2}, "rgb")
	for layout := Gray; layout <= I420; layout++ {
		for name, spoil := range map[string]func(*Frame){
			"short":     func(f *Frame) { f.Planes[0] = f.Planes[0][1:] },
			"none":      func(f *Frame) { f.Planes[0] = nil },
			"stride":    func(f *Frame) { f.Strides[0] = 1 },
			"minus":     func(f *Frame) { f.Strides[0] = -100 },
			"layout":    func(f *Frame) { f.Layout = 200 },
			"no layout": func(f *Frame) { f.Layout = 0 },
			"matrix":    func(f *Frame) { f.Matrix = 9 },
			"width":     func(f *Frame) { f.Width = 0 },
			"height":    func(f *Frame) { f.Height = -3 },
			"huge":      func(f *Frame) { f.Width, f.Height = math.MaxInt, math.MaxInt },
			"chroma":    func(f *Frame) { f.Planes[max(f.planes()-1, 0)] = nil },
		} {
			f := randomFrame(layout, 9, 7, 0, rng)
			spoil(f)
			if err := Apply(dst, f, spec); !errors.Is(err, ErrImage) {
				t.Errorf("%v, %s: got %v, want ErrImage", layout, name, err)
			}
			if c := f.At(3, 3); c != (color.NRGBA{0, 0, 0, 255}) {
				t.Errorf("%v, %s: At gives %v, want black", layout, name, c)
			}
		}
	}
	if err := Apply(dst, (*Frame)(nil), spec); !errors.Is(err, ErrImage) {
		t.Errorf("nil frame: got %v, want ErrImage", err)
	}
}

func (f *Frame) planes() (n int) {
	for i := range 3 {
		if f.line(i) > 0 {
			n++
		}
	}
	return n
}

// own is a program's own picture with RGBA64At.
type own struct{ *image.NRGBA }

func (o own) At(x, y int) color.Color { panic("At was called") }

// TestRGBA64Image: a program's own picture is read through RGBA64At, without
// allocation, and gives what At would.
func TestRGBA64Image(t *testing.T) {
	src := decodeFile(t, "testdata/pictures/rgba.png").(*image.NRGBA)
	got, _, _ := readRGB(t, own{src})
	want, _, _ := readRGB(t, plain{src})
	// At hands over the colour as it is, RGBA64At multiplied by its alpha.
	for i := range got {
		if a := src.Pix[i/3*4+3]; a == 255 && got[i] != want[i] || a == 0 && got[i] != 0 {
			t.Fatalf("value %d, alpha %d: got %d, want %d", i, a, got[i], want[i])
		}
	}
	p, err := New(levels([3]int{20, 16, 16}, "rgb"))
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]float32, 3*16*16)
	var img image.Image = own{src}
	if n := testing.AllocsPerRun(3, func() { err = p.Apply(dst, img) }); n != 0 || err != nil {
		t.Errorf("got %v allocations and %v, want none", n, err)
	}
}

// TestNilPictures: pointers that were never set are errors.
func TestNilPictures(t *testing.T) {
	dst := make([]float32, 3*2*2)
	for _, img := range []image.Image{nil, (*image.RGBA)(nil), (*image.YCbCr)(nil), (*image.Uniform)(nil), (*Frame)(nil), (*own)(nil)} {
		if err := Apply(dst, img, levels([3]int{0, 2, 2}, "rgb")); !errors.Is(err, ErrImage) {
			t.Errorf("%T: got %v, want ErrImage", img, err)
		}
	}
}
