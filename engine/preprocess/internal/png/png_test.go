package png

import (
	"bytes"
	"image"
	stdpng "image/png"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"
)

func pictures(t testing.TB) map[string][]byte {
	all := map[string][]byte{}
	for _, dir := range []string{"kinds", "pictures"} {
		files, _ := filepath.Glob("../../testdata/" + dir + "/*.png")
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all[filepath.Base(f)] = b
		}
	}
	if len(all) < 30 {
		t.Fatalf("got %d pictures, want 30 or more", len(all))
	}
	return all
}

// TestMend: mending changes no pixel of a file that needed none, and makes those that
// did readable.
func TestMend(t *testing.T) {
	mended := 0
	for name, b := range pictures(t) {
		h, err := ReadHeader(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := stdpng.Decode(Mend(b, h))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want, err := stdpng.Decode(bytes.NewReader(b))
		if err != nil {
			mended++
			continue
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: mending has changed the picture", name)
		}
	}
	if mended < 5 {
		t.Errorf("got %d files that needed mending, want 5 or more", mended)
	}
}

// TestMendCut: pixels that are missing are not made up.
func TestMendCut(t *testing.T) {
	for name, b := range pictures(t) {
		h, err := ReadHeader(b)
		if err != nil {
			t.Fatal(err)
		}
		for n := 33; n < len(b)*3/4; n += 1 + len(b)/50 {
			if len(b) < 100 { // the end is more than a quarter
				continue
			}
			if _, err := io.ReadAll(Mend(b[:n], h)); err == nil {
				t.Errorf("%s cut to %d of %d bytes: got no error", name, n, len(b))
			}
		}
	}
}

// TestMemory: what Header.Memory says is what image/png allocates.
func TestMemory(t *testing.T) {
	for name, b := range pictures(t) {
		h, err := ReadHeader(b)
		if err != nil {
			t.Fatal(err)
		}
		transparent := bytes.Contains(b, []byte("tRNS"))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m, err := stdpng.Decode(Mend(b, h))
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		if got, most := int64(after.TotalAlloc-before.TotalAlloc), h.Memory(transparent)+300<<10; got > most {
			t.Errorf("%s: got %d bytes allocated, want at most %d", name, got, most)
		}
		if pixels := pix(m); int64(len(pixels)) > h.Memory(transparent) {
			t.Errorf("%s: got %d bytes of pixels, want at most %d", name, len(pixels), h.Memory(transparent))
		}
	}
}

func pix(m image.Image) []byte { return reflect.ValueOf(m).Elem().FieldByName("Pix").Bytes() }

// FuzzMend: any bytes with a header give a stream that ends.
func FuzzMend(f *testing.F) {
	for _, b := range pictures(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ReadHeader(b)
		if err != nil || int64(h.Width)*int64(h.Height) > 1<<16 {
			return
		}
		m, err := stdpng.Decode(Mend(b, h))
		if err == nil && m.Bounds() != image.Rect(0, 0, h.Width, h.Height) {
			t.Fatalf("got %v, want %d x %d", m.Bounds(), h.Width, h.Height)
		}
	})
}
