package preprocess

import (
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/weights"
)

func addPictures(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/*")
	for _, name := range files {
		if dir := filepath.Base(filepath.Dir(name)); dir != "pictures" && dir != "kinds" {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(pngHeader(100000, 100000))
}

// FuzzDecode: any bytes give an upright picture within the limits that Apply
// takes, or one line of a known error.
func FuzzDecode(f *testing.F) {
	addPictures(f)
	p, err := New(levels([3]int{9, 8, 7}, "rgb"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		img, _, err := DecodeBytes(b, Options{MaxPixels: 1 << 16})
		if err != nil {
			known := errors.Is(err, ErrFormat) || errors.Is(err, ErrLimit) || errors.Is(err, ErrImage)
			if !known || strings.Contains(err.Error(), "\n") {
				t.Fatalf("got %q, want one line of a known error", err)
			}
			return
		}
		if s := img.Bounds().Size(); s.X*s.Y > 1<<16 {
			t.Fatalf("got %v pixels through a cap of %d", s, 1<<16)
		}
		if err := p.Apply(make([]float32, 3*8*7), img); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzExif: what walks through containers, and what parses a directory, stay in bounds.
func FuzzExif(f *testing.F) {
	addPictures(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, o := range []int{orientation(b), orientationJPEG(b), orientationPNG(b), orientationWebP(b)} {
			if o < 1 || o > 8 {
				t.Fatalf("got orientation %d", o)
			}
		}
	})
}

// FuzzApply: any size, any specification: every value is written and lies
// between black and white, or the error is a known one.
func FuzzApply(f *testing.F) {
	f.Add(uint16(61), uint16(43), 20, 16, 16, uint8(0), uint8(0))
	f.Add(uint16(1), uint16(900), 0, 3, 300, uint8(1), uint8(3))
	f.Add(uint16(900), uint16(2), 7, 90, 3, uint8(2), uint8(5))
	f.Add(uint16(9), uint16(9), -1, 1<<30, 1, uint8(7), uint8(9))
	f.Fuzz(func(t *testing.T, w, h uint16, resize, ch, cw int, order, kind uint8) {
		if int(w)*int(h) > 1<<16 || resize > 1<<12 || ch > 1<<9 || cw > 1<<9 {
			return
		}
		r := image.Rect(0, 0, int(w), int(h))
		var img image.Image
		switch kind % 9 {
		case 0:
			m := image.NewNRGBA(r)
			fill(m.Pix)
			img = m
		case 1:
			m := image.NewGray(r)
			fill(m.Pix)
			img = m
		case 2:
			m := image.NewCMYK(r)
			fill(m.Pix)
			img = m
		default:
			m := image.NewYCbCr(r, image.YCbCrSubsampleRatio(kind%9-3))
			fill(m.Y)
			fill(m.Cb)
			fill(m.Cr)
			img = m
		}
		spec := levels([3]int{resize, ch, cw}, []string{"rgb", "bgr", "gray"}[order%3])
		var dst []float32
		if ch > 0 && cw > 0 {
			dst = make([]float32, len(spec.Mean)*ch*cw)
			for i := range dst {
				dst[i] = float32(math.NaN())
			}
		}
		err := Apply(dst, img, spec)
		if err != nil {
			if !errors.Is(err, ErrSpec) && !errors.Is(err, ErrImage) && !errors.Is(err, ErrShape) {
				t.Fatalf("unknown error %v", err)
			}
			return
		}
		for i, v := range dst {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("value %d: got %v, want 0 to 1", i, v)
			}
		}
	})
}

func fill(p []byte) {
	for i := range p {
		p[i] = byte(i * i)
	}
}

// imagenet is the usual specification of a 224 x 224 network.
var imagenet = &weights.Preprocess{
	Resize: 256, Crop: [2]int{224, 224}, Filter: "bilinear", Order: "rgb",
	Mean: []float64{0.485, 0.456, 0.406}, Std: []float64{0.229, 0.224, 0.225},
}
