package preprocess

import (
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/riffle-ml/riffle/weights"
)

// waves is a picture of a program's own, long and smooth, with an edge.
type waves struct{ w, h int }

func (p waves) ColorModel() color.Model { return color.NRGBAModel }
func (p waves) Bounds() image.Rectangle { return image.Rect(0, 0, p.w, p.h) }
func (p waves) level(x, y, c int) uint8 {
	u, v := float64(x)/float64(p.w), float64(y)/float64(p.h)
	s := 127.5 + 120*math.Sin(9*u+float64(c))*math.Cos(11*v)
	if u+v > 1.1 {
		s = 255 - s
	}
	return uint8(s)
}
func (p waves) At(x, y int) color.Color {
	return color.NRGBA{p.level(x, y, 0), p.level(x, y, 1), p.level(x, y, 2), 255}
}

// exactly resizes channel c to w x h in float64, both axes at once.
func (p waves) exactly(w, h, c int, f filter) []float64 {
	weigh := func(in, out, o int) (lo int, k []float64) {
		scale := float64(in) / float64(out)
		spread := max(scale, 1)
		center := (float64(o) + 0.5) * scale
		lo = max(int(center-f.support*spread+0.5), 0)
		hi := min(int(center+f.support*spread+0.5), in)
		sum := 0.0
		for i := lo; i < hi; i++ {
			k = append(k, f.weight((float64(i)-center+0.5)/spread))
			sum += k[len(k)-1]
		}
		for i := range k {
			k[i] /= sum
		}
		return lo, k
	}
	out := make([]float64, w*h)
	for oy := range h {
		y0, ky := weigh(p.h, h, oy)
		for ox := range w {
			x0, kx := weigh(p.w, w, ox)
			for j, a := range ky {
				for i, b := range kx {
					out[oy*w+ox] += a * b * float64(p.level(x0+i, y0+j, c))
				}
			}
		}
	}
	return out
}

// TestReduced: pictures so long that they are reduced before they are resized come
// out as they would without, within two levels.
func TestReduced(t *testing.T) {
	for _, c := range []struct {
		picture waves
		w, h    int
		filter  string
		reduced bool
	}{
		{waves{2, 36000}, 3, 5, "bilinear", true},
		{waves{36000, 2}, 5, 3, "bilinear", true},
		{waves{36001, 3}, 4, 3, "bicubic", true},
		{waves{3, 36001}, 2, 4, "bicubic", true},
		{waves{1, 36000}, 6, 2, "bilinear", true},
		{waves{3000, 90}, 4, 4, "bicubic", false},
	} {
		p, err := New(&weights.Preprocess{Crop: [2]int{c.h, c.w}, Filter: c.filter, Order: "rgb", Mean: []float64{0, 0, 0}, Std: []float64{1, 1, 1}})
		if err != nil {
			t.Fatal(err)
		}
		dst := make([]float32, 3*c.h*c.w)
		if err := p.Apply(dst, c.picture); err != nil {
			t.Fatal(err)
		}
		if got := p.src.fx > 1 || p.src.fy > 1; got != c.reduced {
			t.Errorf("%+v: reduced by %d and %d, want reduced %v", c, p.src.fx, p.src.fy, c.reduced)
		}
		for ch := range 3 {
			for i, want := range c.picture.exactly(c.w, c.h, ch, filters[c.filter]) {
				if got := float64(dst[ch*c.w*c.h+i]) * 255; math.Abs(got-max(0, min(want, 255))) > 2 {
					t.Errorf("%+v, channel %d, value %d: got %.1f, want %.1f", c, ch, i, got, want)
				}
			}
		}
	}
}

// TestWidened: a narrow picture of very many rows is reduced along them, and not
// widened row by row; a picture in memory gives what a drawn one does.
func TestWidened(t *testing.T) {
	const h = 1 << 20
	m := image.NewGray(image.Rect(0, 0, 1, h))
	for y := range h {
		m.Pix[y] = uint8(y >> 12)
	}
	p, err := New(levels([3]int{0, 512, 160}, "rgb"))
	if err != nil {
		t.Fatal(err)
	}
	a, b := make([]float32, 3*512*160), make([]float32, 3*512*160)
	if err := p.Apply(a, m); err != nil {
		t.Fatal(err)
	}
	if p.src.fy < 2 {
		t.Errorf("got no reduction of %d rows to %d of 160", h, 512)
	}
	if err := p.Apply(b, plain{m}); err != nil {
		t.Fatal(err)
	}
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("value %d: got %v from memory, %v drawn", i, a[i], b[i])
		}
		if y := i / 160 % 512; y > 2 && y < 510 {
			if want := float64(y) / 2; math.Abs(float64(a[i])*255-want) > 1.5 {
				t.Fatalf("row %d: got %v, want about %v", y, a[i]*255, want)
			}
		}
	}
}
