package gif

import (
	"bytes"
	"context"
	"errors"
	"image"
	stdgif "image/gif"
	"os"
	"path/filepath"
	"testing"
)

func pictures(t testing.TB) map[string][]byte {
	all := map[string][]byte{}
	for _, dir := range []string{"kinds", "pictures"} {
		files, _ := filepath.Glob("../../testdata/" + dir + "/*.gif")
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all[filepath.Base(f)] = b
		}
	}
	if len(all) < 10 {
		t.Fatalf("got %d pictures, want 10 or more", len(all))
	}
	return all
}

// TestAgainstStandard: where the standard library reads a frame, its pixels are those
// read here.
func TestAgainstStandard(t *testing.T) {
	read := 0
	for name, b := range pictures(t) {
		std, err := stdgif.Decode(bytes.NewReader(b))
		if err != nil {
			continue
		}
		read++
		f, err := Read(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		m, err := f.Decode(context.Background())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := std.(*image.Paletted)
		if f.Bounds != want.Rect {
			t.Fatalf("%s: got a frame at %v, want %v", name, f.Bounds, want.Rect)
		}
		for y := want.Rect.Min.Y; y < want.Rect.Max.Y; y++ {
			for x := want.Rect.Min.X; x < want.Rect.Max.X; x++ {
				if g, w := m.ColorIndexAt(x, y), want.ColorIndexAt(x, y); g != w {
					t.Fatalf("%s at %d, %d: got index %d, want %d", name, x, y, g, w)
				}
			}
		}
	}
	if read < 5 {
		t.Errorf("the standard library read %d pictures, want 5 or more", read)
	}
}

// TestCut: a frame whose pixels are not all there is an error.
func TestCut(t *testing.T) {
	for name, b := range pictures(t) {
		f, err := Read(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		start := len(b) - len(f.data)
		for n := range start + 8 {
			f, err := Read(b[:n])
			if err == nil {
				_, err = f.Decode(context.Background())
			}
			if err == nil {
				t.Errorf("%s cut to %d of %d bytes: got no error", name, n, len(b))
			}
		}
	}
}

func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, b := range pictures(t) {
		f, err := Read(b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Decode(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want the context's error", name, err)
		}
	}
}

// FuzzDecode: any bytes give a picture that holds its frame, or an error.
func FuzzDecode(f *testing.F) {
	for _, b := range pictures(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := Read(b)
		if err != nil || frame.Screen.Dx() > 1<<10 || frame.Screen.Dy() > 1<<10 {
			return
		}
		m, err := frame.Decode(context.Background())
		if err == nil && (m.Rect != frame.Screen || !frame.Bounds.In(m.Rect)) {
			t.Fatalf("got %v for a frame at %v on %v", m.Rect, frame.Bounds, frame.Screen)
		}
	})
}
