package preprocess

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"image"
	"image/color"
	"io"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/internal/cputime"
	"github.com/riffle-ml/riffle/weights"
)

// What a hostile picture may cost from its bytes to the network's input. The time is
// that of the processor, not of the clock: on a Zen 4 core of 2022, in proportion more on a slower one.
const (
	mostTime   = 2 * time.Second // as cputime.Bound has it
	mostMemory = 256 << 20
)

// bombs are small files that ask for as much as the default limits allow, or more.
// refused says that they must be; the others may be or not.
func bombs(t testing.TB) map[string]struct {
	make    func() []byte
	refused bool
} {
	const m, rows = 64 << 20, mostRows
	type bomb = struct {
		make    func() []byte
		refused bool
	}
	scan := scanOf("\x01\x02\x03", 0, 63, 0)
	many := []byte{}
	for range 3000 {
		many = append(many, scanOf("\x01", 1, 63, 0x10)...)
	}
	chunks := make([]piece, 50000)
	for i := range chunks {
		chunks[i] = piece{"tEXt", []byte("Raw profile type exif\x00")}
	}
	vp8l := func() []byte { // 6,100 x 6,100 equal pixels
		b, err := hex.DecodeString("524946461e000000574542505650384c110000002fd3d7f4050750852257a6ff8188e87f0000")
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	lossy := func() []byte { // the same, lossy
		b, err := os.ReadFile("testdata/bombs/lossy.webp.z")
		if err != nil {
			t.Fatal(err)
		}
		r, err := zlib.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if b, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		return b
	}
	vp8 := func(w, h uint16) []byte {
		body := []byte{0x10, 0x02, 0, 0x9d, 0x01, 0x2a}
		body = binary.LittleEndian.AppendUint16(body, w)
		body = binary.LittleEndian.AppendUint16(body, h)
		body = append(body, make([]byte, 64)...)
		return joinWebP(&container{head: []byte("WEBP"), parts: []piece{{"VP8 ", body}}})
	}
	return map[string]bomb{
		"png, tall":            {func() []byte { return pngOf(t, 1, rows, 8, 0, 0) }, false},
		"png, tallest":         {func() []byte { return pngOf(t, 1, m, 8, 0, 0) }, true},
		"png, tall and wider":  {func() []byte { return pngOf(t, 4, rows, 8, 0, 0) }, false},
		"png, wide":            {func() []byte { return pngOf(t, m, 1, 8, 0, 0) }, false},
		"png, wide colour":     {func() []byte { return pngOf(t, m, 1, 8, 2, 0) }, false},
		"png, square":          {func() []byte { return pngOf(t, 7500, 7500, 8, 2, 0) }, false},
		"png, square of bits":  {func() []byte { return pngOf(t, 8192, 8192, 1, 3, 0) }, false},
		"png, interlaced":      {func() []byte { return pngOf(t, 8192, 8192, 1, 0, 1) }, false},
		"png, tall interlaced": {func() []byte { return pngOf(t, 1, 16<<20, 8, 0, 1) }, false},
		"png, deep":            {func() []byte { return pngOf(t, 5300, 5300, 16, 6, 0) }, false},
		"png, deep and large":  {func() []byte { return pngOf(t, 8192, 8192, 16, 6, 0) }, true},
		"png, profile": {func() []byte {
			return pngOf(t, 9, 9, 8, 0, 0, piece{"iCCP", append([]byte("x\x00\x00"), deflated(t, 1<<28)...)})
		}, false},
		"png, text": {func() []byte {
			return pngOf(t, 9, 9, 8, 0, 0, piece{"zTXt", append([]byte("Raw profile type exif\x00\x00"), deflated(t, 1<<28)...)})
		}, false},
		"png, chunks": {func() []byte { return pngOf(t, 9, 9, 8, 0, 0, chunks...) }, false},
		"png, more pixels": {func() []byte {
			return joinPNG(&container{head: []byte("\x89PNG\r\n\x1a\n"), parts: []piece{{"IHDR", []byte{0, 0, 0, 9, 0, 0, 0, 9, 8, 0, 0, 0, 0}}, {"IDAT", deflated(t, 1<<28)}, {"IEND", nil}}})
		}, false},
		"png, tall and more": {func() []byte {
			b := pngOf(t, 1, rows, 8, 0, 0)
			c := takeApart(b)
			c.parts[len(c.parts)-2].body = deflated(t, 2*rows+99)
			return joinPNG(c)
		}, false},
		"png, tall, no end":    {func() []byte { b := pngOf(t, 1, rows, 8, 0, 0); return b[:len(b)-12] }, false},
		"png, claims":          {func() []byte { return pngHeader(1<<31-1, 1<<31-1) }, true},
		"gif, square":          {func() []byte { return gifOf(8192, 8191, 8192*8191) }, false},
		"gif, claims":          {func() []byte { return gifOf(65535, 65535, 10) }, true},
		"jpeg, claims":         {func() []byte { return jpegOf(t, 0xc0, 65535, 65535, true, scan) }, true},
		"jpeg, empty":          {func() []byte { return jpegOf(t, 0xc0, 8192, 8192, true, scan) }, false},
		"jpeg, turned":         {func() []byte { return jpegOfTurned(t, 8192, 8192) }, false},
		"jpeg, turned smaller": {func() []byte { return jpegOfTurned(t, 6000, 6000) }, false},
		"jpeg, progressive":    {func() []byte { return jpegOf(t, 0xc2, 8192, 8000, true, scanOf("\x01\x02\x03", 0, 0, 0), many) }, false},
		"jpeg, many scans":     {func() []byte { return jpegOf(t, 0xc2, 6000, 6000, true, scanOf("\x01\x02\x03", 0, 0, 0), many) }, false},
		"jpeg, arithmetic":     {func() []byte { return jpegOf(t, 0xca, 6000, 6000, false, scanOf("\x01\x02\x03", 0, 0, 0), many) }, false},
		"jpeg, many whole":     {func() []byte { return jpegOf(t, 0xc9, 6000, 6000, false, bytes.Repeat(scan, 500)) }, false},
		"webp, lossless":       {vp8l, false},
		"webp, lossy":          {lossy, false},
		"webp, claims":         {func() []byte { return vp8(16383, 16383) }, true},
		"tiff, square":         {func() []byte { return tiffOf(t, 5300, 5300, 1, 8, 5300*5300) }, false},
		"tiff, tall":           {func() []byte { return tiffOf(t, 1, rows, 1, 8, rows) }, false},
		"tiff, claims":         {func() []byte { return tiffOf(t, 1<<31, 1<<31, 1, 8, 10) }, true},
		"bmp, runs":            {func() []byte { return bmpOf(8192, 8192, 8, 1, 0, 1) }, false},
		"bmp, claims":          {func() []byte { return bmpOf(8192, 7000, 24, 0, 1, 2, 3) }, true},
	}
}

// cost decodes a picture and makes it a network's input: the processor's time and the
// memory that it takes.
func cost(t *testing.T, data []byte, spec *weights.Preprocess) (used time.Duration, taken uint64, err error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := cputime.Used()
	img, _, err := DecodeBytes(data, Options{})
	decoding := cputime.Used() - start
	if err == nil {
		err = Apply(make([]float32, 3*224*224), img, spec)
	}
	used = cputime.Used() - start
	runtime.ReadMemStats(&after)
	taken = after.TotalAlloc - before.TotalAlloc
	t.Logf("%d bytes: %v decoding, %v in all, %d MB, %v", len(data), decoding, used, taken>>20, err)
	return used, taken, err
}

// TestBombs: every one of them is refused or done within the time and memory that
// SECURITY.md promises.
func TestBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute of work")
	}
	mostTime := cputime.Bound(mostTime)
	for name, b := range bombs(t) {
		t.Run(name, func(t *testing.T) {
			data := b.make()
			for _, spec := range []*weights.Preprocess{imagenet, {Crop: [2]int{224, 224}, Filter: "bicubic", Order: "rgb", Mean: imagenet.Mean, Std: imagenet.Std}} {
				var err error
				var used time.Duration
				var taken uint64
				for range 3 { // a neighbour on the same core slows what it does not slow for long
					if used, taken, err = cost(t, data, spec); used <= mostTime {
						break
					}
				}
				if used > mostTime || taken > mostMemory {
					t.Errorf("%d bytes took %v and %d MB, want at most %v and %d MB", len(data), used, taken>>20, mostTime, mostMemory>>20)
				}
				if b.refused && err == nil {
					t.Error("not refused")
				}
				known := err == nil || errors.Is(err, ErrFormat) || errors.Is(err, ErrLimit) || errors.Is(err, ErrImage)
				if !known {
					t.Errorf("got %v, want an error of this package", err)
				}
			}
		})
	}
}

// endlessly is a picture drawn as it is asked for, without end and without memory.
type endlessly struct{ w, h int }

func (e endlessly) ColorModel() color.Model { return color.GrayModel }
func (e endlessly) Bounds() image.Rectangle { return image.Rect(-e.w/2, -e.h/2, e.w-e.w/2, e.h-e.h/2) }
func (e endlessly) At(x, y int) color.Color { return color.Gray{uint8(x ^ y)} }

// TestUnbounded: pictures that are larger than any memory are refused, or take none
// of it.
func TestUnbounded(t *testing.T) {
	p, err := New(imagenet)
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]float32, 3*224*224)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := p.Apply(dst, image.NewUniform(color.RGBA{10, 200, 30, 255})); err != nil {
		t.Errorf("uniform: %v", err)
	} else {
		for c, v := range [3]byte{10, 200, 30} {
			for i, got := range dst[c*224*224:][:224*224] {
				if got != p.level[c][v] {
					t.Fatalf("uniform: channel %d, value %d: got %v, want %v", c, i, got, p.level[c][v])
				}
			}
		}
	}
	for _, e := range []endlessly{{1 << 30, 1 << 30}, {1<<31 - 1, 3}, {3, 1<<31 - 1}, {1 << 20, 1 << 20}} {
		if err := p.Apply(dst, e); !errors.Is(err, ErrImage) {
			t.Errorf("%v: got %v, want ErrImage", e, err)
		}
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 32<<20 {
		t.Errorf("got %d bytes allocated, want at most 32 MiB", n)
	}
}

// TestDeadline: a context that ends stops decoding and resizing alike, soon.
func TestDeadline(t *testing.T) {
	big := pngOf(t, 3000, 3000, 8, 2, 0)
	p, err := New(imagenet)
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]float32, 3*224*224)
	for name, call := range map[string]func(context.Context) error{
		"png": func(ctx context.Context) error { _, _, err := DecodeBytesContext(ctx, big, Options{}); return err },
		"read": func(ctx context.Context) error {
			_, _, err := DecodeContext(ctx, zero{}, Options{MaxBytes: 1 << 40})
			return err
		},
		"at": func(ctx context.Context) error { return p.ApplyContext(ctx, dst, endlessly{60000, 60000}) },
		"wide": func(ctx context.Context) error {
			return ApplyContext(ctx, dst, endlessly{1 << 26, 40}, &weights.Preprocess{Crop: [2]int{224, 224}, Filter: "bilinear", Order: "rgb", Mean: imagenet.Mean, Std: imagenet.Std})
		},
		"gray": func(ctx context.Context) error {
			return p.ApplyContext(ctx, dst, &image.Gray{Pix: make([]byte, 1<<28), Stride: 1 << 14, Rect: image.Rect(0, 0, 1<<14, 1<<14)})
		},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Millisecond)
		start := cputime.Used()
		err := call(ctx)
		used := cputime.Used() - start
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v after %v, want the context's error", name, err, used)
		}
		if used > cputime.Bound(time.Second) {
			t.Errorf("%s: went on for %v, want at most a second", name, used)
		}
	}
}
