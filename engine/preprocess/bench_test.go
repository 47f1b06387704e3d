package preprocess

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"
)

// photo is a 500 x 375 picture with detail everywhere.
func photo() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 500, 375))
	for y := range 375 {
		for x := range 500 {
			v := 127 + 90*math.Sin(float64(x)/9)*math.Cos(float64(y)/7)
			m.SetNRGBA(x, y, color.NRGBA{uint8(v), uint8(x ^ y), uint8(x * y >> 3), 255})
		}
	}
	return m
}

func photoJPEG(b *testing.B) []byte {
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, photo(), &jpeg.Options{Quality: 90}); err != nil {
		b.Fatal(err)
	}
	return buf.Bytes()
}

// BenchmarkDecode decodes a 500 x 375 JPEG, 4:2:0, quality 90.
func BenchmarkDecode(b *testing.B) {
	data := photoJPEG(b)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := DecodeBytes(data, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeLarge decodes a 4000 x 3000 JPEG, 4:2:0, quality 90.
func BenchmarkDecodeLarge(b *testing.B) {
	small := photo()
	m := image.NewNRGBA(image.Rect(0, 0, 4000, 3000))
	for y := range 3000 {
		for x := range 4000 {
			m.SetNRGBA(x, y, small.NRGBAAt((x/3+y/40)%500, (y/3+x/50)%375))
		}
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, m, &jpeg.Options{Quality: 90}); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(buf.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := DecodeBytes(buf.Bytes(), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// drawn is a program's own picture of 1920 x 1080.
type drawn struct{}

func (drawn) ColorModel() color.Model { return color.RGBAModel }
func (drawn) Bounds() image.Rectangle { return image.Rect(0, 0, 1920, 1080) }
func (drawn) At(x, y int) color.Color { return color.RGBA{uint8(x), uint8(y), uint8(x + y), 255} }
func (drawn) RGBA64At(x, y int) color.RGBA64 {
	return color.RGBA64{uint16(x) << 8, uint16(y) << 8, uint16(x+y) << 8, 0xffff}
}

// BenchmarkApply1080 brings a program's own picture of 1920 x 1080 to 224 x 224.
func BenchmarkApply1080(b *testing.B) {
	p, err := New(imagenet)
	if err != nil {
		b.Fatal(err)
	}
	dst := make([]float32, 3*224*224)
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Apply(dst, drawn{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkApply brings a 500 x 375 picture to 224 x 224 through Resize(256),
// from each kind of image, at the last from one read through At.
func BenchmarkApply(b *testing.B) {
	ycc, _, err := DecodeBytes(photoJPEG(b), Options{})
	if err != nil {
		b.Fatal(err)
	}
	nrgba := photo()
	gray := image.NewGray(nrgba.Rect)
	for _, c := range []struct {
		name string
		img  image.Image
	}{{"ycbcr420", ycc}, {"nrgba", nrgba}, {"gray", gray}, {"at", plain{nrgba}}} {
		b.Run(c.name, func(b *testing.B) {
			p, err := New(imagenet)
			if err != nil {
				b.Fatal(err)
			}
			dst := make([]float32, 3*224*224)
			b.ReportAllocs()
			for b.Loop() {
				if err := p.Apply(dst, c.img); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFrame1080 brings frames of 1920 x 1080 to 224 x 224.
func BenchmarkFrame1080(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for layout := Gray; layout <= I420; layout++ {
		b.Run(layout.String(), func(b *testing.B) {
			f := randomFrame(layout, 1920, 1080, 64, rng)
			p, err := New(imagenet)
			if err != nil {
				b.Fatal(err)
			}
			dst := make([]float32, 3*224*224)
			b.ReportAllocs()
			for b.Loop() {
				if err := p.Apply(dst, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
