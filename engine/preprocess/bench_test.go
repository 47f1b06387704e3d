package preprocess

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
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
