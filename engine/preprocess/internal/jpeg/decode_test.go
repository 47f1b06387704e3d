package jpeg

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const pictures = "../../testdata/kinds/"

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(pictures + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// patched changes byte i of the frame header, the marker being byte -1.
func patched(t testing.TB, b []byte, i int, v byte) []byte {
	t.Helper()
	b = bytes.Clone(b)
	for at := 2; ; {
		m, next, ok := nextMarker(b, at)
		if !ok {
			break
		}
		if isSOF(m) {
			b[next+i] = v
			return b
		}
		at = next + int(b[next])<<8 + int(b[next+1])
	}
	t.Fatal("no frame header")
	return nil
}

// TestNamed: kinds of JPEG that are not decoded are called by their names.
func TestNamed(t *testing.T) {
	b := read(t, "camera.jpg")
	for _, c := range []struct {
		at   int
		v    byte
		want string
	}{
		{-1, 0xc3, "lossless coding"}, {-1, 0xc5, "hierarchical coding"}, {-1, 0xcb, "lossless arithmetic coding"},
		{2, 12, "got 12 bits a sample, want 8"}, {7, 2, "got 2 components, want 1, 3 or 4"},
	} {
		_, err := Decode(context.Background(), patched(t, b, c.at, c.v), 1)
		var u UnsupportedError
		if !errors.As(err, &u) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("byte %d as %x: got %v, want UnsupportedError with %q", c.at, c.v, err, c.want)
		}
	}
	b = patched(t, patched(t, b, 3, 0), 4, 0)
	if _, err := Decode(context.Background(), b, 1); err == nil || !strings.Contains(err.Error(), "DNL") {
		t.Errorf("no height: got %v, want an error that names DNL", err)
	}
}

// TestBroken: what is wrong is said with got and want.
func TestBroken(t *testing.T) {
	b := read(t, "camera.jpg")
	for _, c := range []struct {
		at   int
		v    byte
		want string
	}{
		{7, 7, "got 7 components"}, {9, 0x51, "sampling factors 5 x 1, want 1 to 4"}, {9, 0, "sampling factors 0 x 0"},
		{10, 9, "got quantization table 9, want 0 to 3"}, {8, 77, "got component 1, which the frame has not"},
	} {
		_, err := Decode(context.Background(), patched(t, b, c.at, c.v), 1)
		var f FormatError
		if !errors.As(err, &f) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("byte %d as %x: got %v, want FormatError with %q", c.at, c.v, err, c.want)
		}
	}
	for _, s := range []string{"", "x", "\xff\xd8", "\xff\xd8\xff\xd9", "\xff\xd8\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00", "\xff\xd8\xff\xc0\x00\x01", "\xff\xd8\xff\xdb\xff\xff"} {
		if _, err := Decode(context.Background(), []byte(s), 1); err == nil {
			t.Errorf("%q: got no error", s)
		}
	}
}

// TestCut: a file cut anywhere is an error, or, where no pixel is missing, a picture.
func TestCut(t *testing.T) {
	for _, name := range []string{"camera.jpg", "factors_2x2_p.jpg", "factors_2x2_a.jpg", "factors_2x2_ap.jpg", "factors_2x2_pr.jpg", "scans_apart_r.jpg", "cmyk.jpg"} {
		b := read(t, name)
		for n := range b {
			img, err := Decode(context.Background(), b[:n], 1)
			if err == nil && n < len(b)/2 {
				t.Errorf("%s cut to %d of %d bytes: got %v and no error", name, n, len(b), img.Bounds())
			}
		}
	}
}

// TestMemory: what Header.Memory says is what is allocated, within a twentieth and a few
// tables, for every kind of picture, made larger: what is not in its data is grey.
func TestMemory(t *testing.T) {
	files, _ := filepath.Glob(pictures + "*.jpg")
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range []byte{2, 30, 1, 200} { // 456 x 542 pixels
			b = patched(t, b, 3+i, v)
		}
		h, err := DecodeHeader(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, scale := range []int{1, 2, 4, 8} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Decode(context.Background(), b, scale)
			runtime.ReadMemStats(&after)
			got, want := int64(after.TotalAlloc-before.TotalAlloc), h.Memory(scale)
			if got > want+want/20+64<<10 {
				t.Errorf("%s at 1/%d: %d bytes allocated, want about %d", f, scale, got, want)
			}
			if err == nil && got < want*9/10 {
				t.Errorf("%s at 1/%d: %d bytes allocated, of %d that were to be", f, scale, got, want)
			}
		}
	}
}

// TestContext: a context that has ended stops every way of decoding.
func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, name := range []string{"camera.jpg", "factors_2x2_p.jpg", "factors_2x2_a.jpg", "cmyk.jpg", "rgb.jpg"} {
		if _, err := Decode(ctx, read(t, name), 1); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want the context's error", name, err)
		}
	}
}

// FuzzDecode: any bytes give a picture of the size that the header claims, at every
// scale, or an error of one line.
func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob(pictures + "*.jpg")
	if len(files) < 60 {
		f.Fatalf("got %d pictures, want 60 or more", len(files))
	}
	for i, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint8(i))
	}
	f.Fuzz(func(t *testing.T, b []byte, s uint8) {
		scale := 1 << (s % 4)
		h, err := DecodeHeader(b)
		if err == nil && h.Memory(1) > 1<<20 {
			return
		}
		img, bad := Decode(context.Background(), b, scale)
		if bad != nil {
			var u UnsupportedError
			var f FormatError
			if !errors.As(bad, &u) && !errors.As(bad, &f) || strings.Contains(bad.Error(), "\n") {
				t.Fatalf("got %q, want one line of this package's errors", bad)
			}
			return
		}
		if err != nil {
			t.Fatalf("the header is wrong (%v) and the picture is not", err)
		}
		if size := img.Bounds().Size(); size.X != ceil(h.Width, scale) || size.Y != ceil(h.Height, scale) {
			t.Fatalf("got %v at 1/%d, want %d x %d", size, scale, h.Width, h.Height)
		}
		for y := range img.Bounds().Dy() { // the planes hold it
			img.At(img.Bounds().Dx()-1, y)
		}
	})
}
