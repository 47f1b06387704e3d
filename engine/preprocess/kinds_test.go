package preprocess

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestKinds: files of kinds that decoders are known to refuse or to read wrongly give
// Pillow's pixels, to the bit; JPEGs reduced in the DCT, too. testdata/make_kinds.py
// made them.
func TestKinds(t *testing.T) {
	var index map[string]map[string][3]any
	b, err := os.ReadFile("testdata/kinds.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &index); err != nil {
		t.Fatal(err)
	}
	if len(index) < 130 {
		t.Fatalf("kinds.json is not whole: got %d pictures, want 130 or more", len(index))
	}
	for name, want := range index {
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join("testdata/kinds", name))
			if err != nil {
				t.Fatal(err)
			}
			img, format, err := DecodeBytes(b, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if ext := strings.TrimPrefix(filepath.Ext(name), "."); format != strings.Replace(ext, "jpg", "jpeg", 1) {
				t.Errorf("got format %q, want that of %s", format, name)
			}
			checkDigest(t, "at full size", img, want["rgb"])
			w, h := img.Bounds().Dx(), img.Bounds().Dy()
			for key, scale := range map[string]int{"2": 2, "4": 4, "8": 8} {
				if want[key] == ([3]any{}) {
					continue
				}
				small, _, err := DecodeBytes(b, Options{Draft: image.Pt(w/scale, h/scale)})
				if err != nil {
					t.Fatal(err)
				}
				checkDigest(t, "at 1/"+key, small, want[key])
			}
		})
	}
}

func checkDigest(t *testing.T, what string, img image.Image, want [3]any) {
	t.Helper()
	pix, w, h := readRGB(t, img)
	if float64(w) != want[0] || float64(h) != want[1] {
		t.Errorf("%s: got %d x %d pixels, want %v x %v", what, w, h, want[0], want[1])
		return
	}
	if sum := sha256.Sum256(pix); hex.EncodeToString(sum[:]) != want[2] {
		t.Errorf("%s: the pixels differ from Pillow's", what)
	}
}
