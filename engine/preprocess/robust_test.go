package preprocess

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/riffle-ml/riffle/weights"
)

// pngHeader is a PNG that claims w x h pixels and holds none.
func pngHeader(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
	b = binary.BigEndian.AppendUint32(b, w)
	b = binary.BigEndian.AppendUint32(b, h)
	b = append(b, 8, 2, 0, 0, 0)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[12:]))
}

func TestPixelCap(t *testing.T) {
	huge := pngHeader(100000, 100000)
	var err error
	bytesUsed := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _, err = DecodeBytes(huge, Options{})
		}
	}).AllocedBytesPerOp()
	var limit *LimitError
	if !errors.As(err, &limit) || !errors.Is(err, ErrLimit) {
		t.Fatalf("got %v, want a LimitError", err)
	}
	if limit.Got != 1e10 || limit.Limit != DefaultMaxPixels {
		t.Errorf("got %d of %d, want 10000000000 of %d", limit.Got, limit.Limit, int64(DefaultMaxPixels))
	}
	if want := "png of 100000 x 100000: got 10000000000 pixels, want at most 67108864"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if bytesUsed > 64<<10 {
		t.Errorf("refusing it allocated %d bytes, want a few KiB", bytesUsed)
	}
	small, err := os.ReadFile("testdata/pictures/rgb.png") // 61 x 43
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := DecodeBytes(small, Options{MaxPixels: 61*43 - 1}); !errors.Is(err, ErrLimit) {
		t.Errorf("one pixel over: got %v, want ErrLimit", err)
	}
	if _, _, err := DecodeBytes(small, Options{MaxPixels: 61 * 43}); err != nil {
		t.Errorf("at the limit: %v", err)
	}
}

func TestBytesCap(t *testing.T) {
	b, err := os.ReadFile("testdata/pictures/rgb.png")
	if err != nil {
		t.Fatal(err)
	}
	o := Options{MaxBytes: int64(len(b)) - 1}
	if _, _, err := Decode(bytes.NewReader(b), o); !errors.Is(err, ErrLimit) {
		t.Errorf("Decode: got %v, want ErrLimit", err)
	}
	if _, _, err := DecodeBytes(b, o); !errors.Is(err, ErrLimit) {
		t.Errorf("DecodeBytes: got %v, want ErrLimit", err)
	}
	o.MaxBytes++
	if _, _, err := Decode(bytes.NewReader(b), o); err != nil {
		t.Errorf("at the limit: %v", err)
	}
}

func TestReaderError(t *testing.T) {
	if _, _, err := Decode(iotest.ErrReader(io.ErrNoProgress), Options{}); err != io.ErrNoProgress {
		t.Errorf("got %v, want the reader's own error", err)
	}
}

func TestNotAPicture(t *testing.T) {
	for _, s := range []string{"", "x", "hello, world", "\x89PNG", "BM\x00\x00", "RIFF\x00\x00\x00\x00WAVEfmt "} {
		_, name, err := DecodeBytes([]byte(s), Options{})
		if !errors.Is(err, ErrFormat) || name != "" || !strings.Contains(err.Error(), "want png, jpeg, gif, webp") {
			t.Errorf("%q: got %q, %v; want ErrFormat naming the formats", s, name, err)
		}
	}
}

// TestTruncated cuts every picture everywhere: an error or a picture, one line,
// no panic.
func TestTruncated(t *testing.T) {
	files, _ := filepath.Glob("testdata/pictures/*")
	if len(files) < 40 {
		t.Fatalf("got %d pictures, want 40 or more", len(files))
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(b); n += 1 + len(b)/97 {
			img, _, err := DecodeBytes(b[:n], Options{})
			if err == nil && img == nil {
				t.Fatalf("%s cut to %d: no picture and no error", f, n)
			}
			if err != nil && (!errors.Is(err, ErrFormat) || strings.Contains(err.Error(), "\n")) {
				t.Fatalf("%s cut to %d: got %v, want one line of ErrFormat", f, n, err)
			}
		}
	}
}

func TestSpecErrors(t *testing.T) {
	good := func() *weights.Preprocess { return levels([3]int{8, 8, 8}, "rgb") }
	if _, err := New(good()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*weights.Preprocess){
		"order":   func(p *weights.Preprocess) { p.Order = "yuv" },
		"filter":  func(p *weights.Preprocess) { p.Filter = "nearest" },
		"resize":  func(p *weights.Preprocess) { p.Resize = -1 },
		"resize2": func(p *weights.Preprocess) { p.Resize = 1 << 20 },
		"crop":    func(p *weights.Preprocess) { p.Crop = [2]int{0, 8} },
		"crop2":   func(p *weights.Preprocess) { p.Crop = [2]int{1 << 14, 1 << 14} },
		"crop3":   func(p *weights.Preprocess) { p.Crop = [2]int{1 << 30, 1 << 30} },
		"mean":    func(p *weights.Preprocess) { p.Mean = p.Mean[:2] },
		"std":     func(p *weights.Preprocess) { p.Std = nil },
		"std2":    func(p *weights.Preprocess) { p.Std[1] = 0 },
		"std3":    func(p *weights.Preprocess) { p.Std[1] = 1e-60 }, // 0 in float32
		"mean2":   func(p *weights.Preprocess) { p.Mean[0] = math.NaN() },
	} {
		p := good()
		spoil(p)
		if _, err := New(p); !errors.Is(err, ErrSpec) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line of ErrSpec", name, err)
		}
	}
	if _, err := New(nil); !errors.Is(err, ErrSpec) {
		t.Errorf("nil: got %v, want ErrSpec", err)
	}
}

// TestImageErrors: hand-made images whose buffers are too short.
func TestImageErrors(t *testing.T) {
	r := image.Rect(0, 0, 9, 7)
	short := func(n, unit int) []byte { return make([]byte, n*unit*7-1) }
	ycc := image.NewYCbCr(r, image.YCbCrSubsampleRatio420)
	ycc.Cr = ycc.Cr[:len(ycc.Cr)-1]
	for name, img := range map[string]image.Image{
		"nil":     nil,
		"empty":   image.NewRGBA(image.Rect(3, 3, 3, 9)),
		"nrgba":   &image.NRGBA{Pix: short(9, 4), Stride: 36, Rect: r},
		"rgba":    &image.RGBA{Pix: short(9, 4), Stride: 36, Rect: r},
		"nrgba64": &image.NRGBA64{Pix: short(9, 8), Stride: 72, Rect: r},
		"rgba64":  &image.RGBA64{Pix: short(9, 8), Stride: 72, Rect: r},
		"cmyk":    &image.CMYK{Pix: short(9, 4), Stride: 36, Rect: r},
		"gray":    &image.Gray{Pix: short(9, 1), Stride: 9, Rect: r},
		"gray16":  &image.Gray16{Pix: short(9, 2), Stride: 18, Rect: r},
		"palette": &image.Paletted{Pix: short(9, 1), Stride: 9, Rect: r},
		"stride":  &image.Gray{Pix: make([]byte, 63), Stride: 8, Rect: r},
		"minus":   &image.Gray{Pix: make([]byte, 63), Stride: -9, Rect: r},
		"ycbcr":   ycc,
	} {
		dst := []float32{5: 42}
		if name == "" {
			continue
		}
		spec := levels([3]int{0, 1, 2}, "rgb")
		if err := Apply(dst, img, spec); !errors.Is(err, ErrImage) || dst[5] != 42 {
			t.Errorf("%s: got %v, want ErrImage and nothing written", name, err)
		}
	}
	err := Apply(make([]float32, 5), image.NewGray(r), levels([3]int{0, 1, 2}, "rgb"))
	if !errors.Is(err, ErrShape) || !strings.Contains(err.Error(), "got 5 values, want 6") {
		t.Errorf("short output: got %v, want ErrShape with got and want", err)
	}
}

// plain hides an image's type, so that it is read through At.
type plain struct{ image.Image }

// TestFastPaths compares each fast path with At, on sub-images too, whose
// bounds do not begin at the origin.
func TestFastPaths(t *testing.T) {
	src := decodeFile(t, "testdata/pictures/rgba.png").(*image.NRGBA)
	r := image.Rect(0, 0, 40, 33)
	type setter interface {
		image.Image
		Set(x, y int, c color.Color)
		SubImage(image.Rectangle) image.Image
	}
	for _, img := range []setter{
		image.NewNRGBA(r), image.NewRGBA(r), image.NewNRGBA64(r), image.NewRGBA64(r), image.NewGray(r),
		image.NewGray16(r), image.NewCMYK(r), image.NewPaletted(r, color.Palette{color.Black, color.NRGBA{200, 10, 90, 77}, color.White}),
	} {
		for y := range 33 {
			for x := range 40 {
				img.Set(x, y, src.At(x, y))
			}
		}
		for _, sub := range []image.Rectangle{r, image.Rect(3, 5, 30, 32), image.Rect(39, 32, 40, 33)} {
			m := img.SubImage(sub)
			got, _, _ := readRGB(t, m)
			want, _, _ := readRGB(t, plain{m})
			// At converts through premultiplied 16 bits and back; CMYK rounds otherwise.
			limit := 1
			if d := compare(got, want); d.max > limit {
				t.Errorf("%T %v: differs from At by up to %d, want at most %d", img, sub, d.max, limit)
			}
		}
	}
}

// TestYCbCrSubImage: a sub-image gives the pixels of the whole, except where
// interpolation would look over its edge.
func TestYCbCrSubImage(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		img := image.NewYCbCr(image.Rect(0, 0, 41, 31), ratio)
		for i, p := range [][]byte{img.Y, img.Cb, img.Cr} {
			for j := range p {
				p[j] = byte(j*j*(3+i) + j*7)
			}
		}
		whole, w, _ := readRGB(t, img)
		for x0 := range 9 {
			for y0 := range 5 {
				sub := img.SubImage(image.Rect(x0, y0, 37, 29)).(*image.YCbCr)
				got, sw, sh := readRGB(t, sub)
				for y := 4; y < sh-4; y++ {
					a := got[3*(y*sw+4) : 3*(y*sw+sw-4)]
					b := whole[3*((y+y0)*w+x0+4):][:len(a)]
					if !bytes.Equal(a, b) {
						t.Fatalf("%v from (%d,%d): row %d differs from the whole picture's", ratio, x0, y0, y)
					}
				}
			}
		}
	}
}

// TestCropRange: a row read from x0 to x1 equals that part of the whole row.
func TestCropRange(t *testing.T) {
	files, _ := filepath.Glob("testdata/pictures/*")
	for _, f := range files {
		var s source
		if err := s.open(decodeFile(t, f)); err != nil {
			t.Fatal(err)
		}
		whole := make([]byte, 3*s.w)
		for _, y := range []int{0, s.h / 2, s.h - 1} {
			if err := s.row(context.Background(), whole, y, 0, s.w); err != nil {
				t.Fatal(err)
			}
			for x0 := 0; x0 < s.w; x0 += 1 + x0/3 {
				for x1 := s.w; x1 > x0; x1 -= 1 + (s.w-x1)/2 {
					part := make([]byte, 3*(x1-x0))
					if err := s.row(context.Background(), part, y, x0, x1); err != nil {
						t.Fatal(err)
					}
					if !bytes.Equal(part, whole[3*x0:3*x1]) {
						t.Fatalf("%s row %d, %d to %d: differs from the whole row", f, y, x0, x1)
					}
				}
			}
		}
	}
}

// TestReuse: a Preprocessor that has seen other pictures gives the same bits as
// a fresh one, and allocates nothing for a size it knows.
func TestReuse(t *testing.T) {
	spec := levels([3]int{20, 16, 16}, "rgb")
	files, _ := filepath.Glob("testdata/pictures/*")
	used, err := New(spec)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, f := range files {
			img := decodeFile(t, f)
			a, b := make([]float32, 3*16*16), make([]float32, 3*16*16)
			if err := used.Apply(a, img); err != nil {
				t.Fatal(err)
			}
			if err := Apply(b, img, spec); err != nil {
				t.Fatal(err)
			}
			for i := range a {
				if a[i] != b[i] {
					t.Fatalf("%s: value %d: got %v reused, %v fresh", f, i, a[i], b[i])
				}
			}
		}
	}
	for _, f := range []string{"jpeg420.jpg", "rgb.png", "palette.png", "gray.jpg", "cmyk.jpg", "rgb16.png"} {
		img := decodeFile(t, "testdata/pictures/"+f)
		dst := make([]float32, 3*16*16)
		if n := testing.AllocsPerRun(10, func() { _ = used.Apply(dst, img) }); n != 0 {
			t.Errorf("%s: %v allocations per picture, want 0", f, n)
		}
	}
}

// endless is a picture one pixel wide and very high, of no memory.
type endless struct{ h int }

func (e endless) ColorModel() color.Model { return color.GrayModel }
func (e endless) Bounds() image.Rectangle { return image.Rect(0, 0, 1, e.h) }
func (e endless) At(x, y int) color.Color { return color.Gray{uint8(y)} }

// TestExtremeAspect: memory does not grow with the height of a picture that is
// squeezed, nor with the length of one that is scaled by its short side.
func TestExtremeAspect(t *testing.T) {
	for _, resize := range []int{0, 64} {
		p, err := New(levels([3]int{resize, 32, 32}, "rgb"))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Apply(make([]float32, 3*32*32), endless{300000}); err != nil {
			t.Fatal(err)
		}
		if n := cap(p.line) + cap(p.row) + 4*cap(p.acc); n > 1<<16 {
			t.Errorf("resize %d: %d bytes of scratch, want under 64 KiB", resize, n)
		}
	}
	err := Apply(make([]float32, 3*32*32), endless{math.MaxInt32}, levels([3]int{64, 32, 32}, "rgb"))
	if !errors.Is(err, ErrImage) {
		t.Errorf("got %v, want ErrImage", err)
	}
}

func TestDecodeFile(t *testing.T) {
	img, err := DecodeFile("testdata/pictures/rgb.png")
	if err != nil || img.Bounds().Dx() != 61 {
		t.Errorf("got %v, %v; want the picture", img, err)
	}
	if _, err := DecodeFile("testdata/none.png"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want ErrNotExist", err)
	}
	if _, err := DecodeFile("testdata/make.py"); !errors.Is(err, ErrFormat) || !strings.HasPrefix(err.Error(), "testdata/make.py: not a picture: got") {
		t.Errorf("got %v, want ErrFormat with the path", err)
	}
}

// TestGray16: a PNG of 16-bit grey keeps each pixel's high byte (Pillow would clip it at 255).
func TestGray16(t *testing.T) {
	img := image.NewGray16(image.Rect(0, 0, 61, 37))
	for i := range img.Pix {
		img.Pix[i] = byte(i*i*7 + i*3)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	decoded, _, err := DecodeBytes(file.Bytes(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, w, h := readRGB(t, decoded)
	if w != 61 || h != 37 {
		t.Fatalf("got %dx%d, want 61x37", w, h)
	}
	for i, v := range got {
		if want := img.Pix[i/3*2]; v != want {
			t.Fatalf("value %d: got %d, want the high byte %d", i, v, want)
		}
	}
}
