package explain

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// runs are the permutations of two runs of a network with dynamic shuffles. The usual
// ones are those of the first run.
func runs(t *testing.T) (first, second []Route) {
	t.Helper()
	a, err := zoo.ParseArch("shufflenetv2:0.5x@32,shuffle=dynamic")
	if err != nil {
		t.Fatal(err)
	}
	w, err := zoo.Build(a)
	if err != nil {
		t.Fatal(err)
	}
	m, err := engine.New(w, engine.WithThreads(1))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	info := m.Info()
	in, out := make([]float32, info.InputLen()), make([]float32, info.OutputLen())
	run := func(length float64) []engine.Permutation {
		for i := range in {
			in[i] = float32(math.Sin(float64(i) / length))
		}
		if err := s.Run(context.Background(), out, in); err != nil {
			t.Fatal(err)
		}
		return s.Permutations()
	}
	one, two, usual := run(3), run(500), Usual{}
	for _, p := range one {
		usual[p.Node] = &p
	}
	return usual.Routes(one), usual.Routes(two)
}

func decode(t *testing.T, s *Sheet) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := s.Encode(&b); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// TestSheet: each square has strong dots where the permutation's elements are, red where
// they are not the usual ones, and nowhere else.
func TestSheet(t *testing.T) {
	first, second := runs(t)
	s, err := NewSheet("test", first, 3)
	if err != nil {
		t.Fatal(err)
	}
	thumb := Thumbnail(bounded{image.NewUniform(color.RGBA{1, 2, 3, 255}), image.Rect(0, 0, 50, 50)})
	for i, routes := range [][]Route{first, second} {
		s.Add(Picture{Name: fmt.Sprint(i), Class: "cat 50.0 %", Thumbnail: thumb, Routes: routes})
	}
	img := decode(t, s)
	if got, want := img.Bounds().Dy(), s.top+2*rowHeight; got != want {
		t.Errorf("got %d pixels of height, want %d: the third picture failed", got, want)
	}
	differ := 0
	for i, routes := range [][]Route{first, second} {
		for k, r := range routes {
			want := map[image.Point]color.RGBA{}
			mark := func(same bool, ink color.RGBA) {
				for row, column := range r.chosen.Channels() {
					if (column == r.usual.Channels()[row]) != same {
						continue
					}
					d := r.dot(row, column)
					for y := d.Min.Y; y < d.Max.Y; y++ {
						for x := d.Min.X; x < d.Max.X; x++ {
							want[image.Pt(x, y)] = ink
						}
					}
				}
			}
			mark(true, inkSame)
			mark(false, inkOther)
			for y := range panel {
				for x := range panel {
					c := color.RGBAModel.Convert(img.At(columnX(k)+x, s.top+i*rowHeight+y)).(color.RGBA)
					ink := want[image.Pt(x, y)]
					if strong := c == inkSame || c == inkOther; c != ink && (strong || ink != color.RGBA{}) {
						t.Fatalf("row %d, %s: got %v at (%d, %d), want %v", i, r.Node, c, x, y, ink)
					}
					if c == inkOther {
						differ++
					}
				}
			}
		}
		at := img.At(gap+thumbnail/2, s.top+i*rowHeight+lineHeight+2+thumbnail/2)
		if c := color.RGBAModel.Convert(at); c != (color.RGBA{1, 2, 3, 255}) {
			t.Errorf("row %d: got %v where the picture should be", i, c)
		}
	}
	if differ == 0 {
		t.Error("both runs chose the same permutations")
	}
}

// TestSheetSize: ten rows stay under 2,000 pixels, for few layers and for many, with and
// without usual permutations; what is too large is refused before anything is drawn.
func TestSheetSize(t *testing.T) {
	routes, _ := runs(t)
	plain := append([]Route(nil), routes...)
	for i := range plain {
		plain[i].usual, plain[i].Usual = nil, nil
	}
	for _, r := range [][]Route{routes, plain, routes[:1], plain[:1], routes[:7]} {
		s, err := NewSheet("a model with a name of some length", r, 10)
		if err != nil {
			t.Fatal(err)
		}
		if size := s.img.Rect.Size(); size.Y >= 2000 {
			t.Errorf("%d layers: got %v, want a height under 2,000", len(r), size)
		}
	}
	if _, err := NewSheet("m", routes, 1e6); err == nil || !strings.Contains(err.Error(), "got 1000000 pictures, want at most ") {
		t.Errorf("a million pictures: got %v", err)
	}
	if _, err := NewSheet("m", nil, 1); err == nil || !strings.Contains(err.Error(), "m has no dynamic shuffle") {
		t.Errorf("no layers: got %v", err)
	}
}

func TestThumbnail(t *testing.T) {
	for _, c := range []struct{ w, h, wantW, wantH int }{
		{32, 32, 104, 104}, {1000, 500, 104, 52}, {3, 7, 44, 104}, {1, 100000, 1, 104}, {1 << 20, 1, 104, 1},
	} {
		img := image.NewUniform(color.RGBA{9, 8, 7, 255})
		out := Thumbnail(bounded{img, image.Rect(5, -3, 5+c.w, -3+c.h)})
		if got := out.Rect.Size(); got != image.Pt(c.wantW, c.wantH) || out.RGBAAt(0, 0) != (color.RGBA{9, 8, 7, 255}) {
			t.Errorf("%d x %d: got %v, %v", c.w, c.h, got, out.RGBAAt(0, 0))
		}
	}
}

// bounded is one colour in a rectangle.
type bounded struct {
	*image.Uniform
	rect image.Rectangle
}

func (b bounded) Bounds() image.Rectangle { return b.rect }

func TestCut(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{keepStart("abcdef", 6*glyphWidth), "abcdef"}, {keepStart("äbcdefg", 6*glyphWidth), "äbcd.."},
		{keepEnd("abcdefg", 6*glyphWidth), "..defg"}, {keepEnd("x", 0), ".."},
		{layerName("/stage2/stage2.0/shuffle/DynamicShuffle"), "stage2.0/shuffle"}, {layerName("stage2.0.mix"), "stage2.0.mix"},
		{strings.Join(wrap("one two  three", 7*glyphWidth), "|"), "one two|three"},
		{pictureName("a/b.png"), "a/b.png"}, {pictureName("some/long/directory/name/b.png"), "b.png"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
