package bmp

import (
	"context"
	"errors"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"
)

func pictures(t testing.TB) map[string][]byte {
	files, _ := filepath.Glob("../../testdata/kinds/*.bmp")
	if len(files) < 10 {
		t.Fatalf("got %d bitmaps, want 10 or more", len(files))
	}
	all := map[string][]byte{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(f)] = b
	}
	return all
}

// TestSame: the same picture in several kinds of bitmap, as far as their bits tell it.
func TestSame(t *testing.T) {
	all := pictures(t)
	decode := func(name string) image.Image {
		m, err := Decode(context.Background(), all[name])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return m
	}
	want := decode("plain_RGB.bmp")
	for name, most := range map[string]int{"top_down.bmp": 0, "os2.bmp": 0, "bitfields32.bmp": 0, "rgb555.bmp": 8, "rgb565.bmp": 8} {
		got := decode(name)
		if got.Bounds() != want.Bounds() {
			t.Fatalf("%s: got %v, want %v", name, got.Bounds(), want.Bounds())
		}
		for y := range got.Bounds().Dy() {
			for x := range got.Bounds().Dx() {
				g, w := got.At(x, y).(color.RGBA), want.At(x, y).(color.RGBA)
				for _, d := range []int{int(g.R) - int(w.R), int(g.G) - int(w.G), int(g.B) - int(w.B)} {
					if max(d, -d) > most {
						t.Fatalf("%s at %d, %d: got %v, want %v within %d", name, x, y, g, w, most)
					}
				}
			}
		}
	}
	a, b := decode("rle8.bmp").(*image.Paletted), decode("bits4.bmp").(*image.Paletted)
	if string(a.Pix) != string(b.Pix) {
		t.Error("run lengths and plain rows of the same pixels differ")
	}
}

// TestCut: a bitmap that is cut is an error, never a panic.
func TestCut(t *testing.T) {
	for name, b := range pictures(t) {
		for n := range len(b) - 4 { // rows are padded by up to 3 bytes, and run lengths end in 2
			if _, err := Decode(context.Background(), b[:n]); err == nil {
				t.Errorf("%s cut to %d of %d bytes: got no error", name, n, len(b))
			}
		}
	}
}

// FuzzDecode: any bytes give a picture of the header's size, or an error.
func FuzzDecode(f *testing.F) {
	for _, b := range pictures(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ReadHeader(b)
		if err == nil && (h.Width > 1<<10 || h.Height > 1<<10) {
			return
		}
		m, bad := Decode(context.Background(), b)
		if (err != nil) && bad == nil {
			t.Fatalf("header: %v, picture: none", err)
		}
		var u UnsupportedError
		if bad == nil && m.Bounds() != image.Rect(0, 0, h.Width, h.Height) {
			t.Fatalf("got %v, want %d x %d", m.Bounds(), h.Width, h.Height)
		} else if errors.As(bad, &u) && err == nil {
			t.Fatalf("the header is accepted, and then: %v", bad)
		}
	})
}
