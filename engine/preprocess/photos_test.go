package preprocess

import (
	"encoding/json"
	"image"
	"os"
	"path/filepath"
	"testing"
)

// TestPhotos: photographs of ImageNet give Pillow's pixels, to the bit, at full size
// and at half of it.
func TestPhotos(t *testing.T) {
	data := os.Getenv("RIFFLE_DATA")
	if data == "" {
		t.Skip("RIFFLE_DATA is not set")
	}
	b, err := os.ReadFile("testdata/photos.json")
	if err != nil {
		t.Fatal(err)
	}
	var index map[string][2][3]any
	if err := json.Unmarshal(b, &index); err != nil {
		t.Fatal(err)
	}
	if len(index) < 40 {
		t.Fatalf("photos.json is not whole: got %d photographs, want 40 or more", len(index))
	}
	for name, want := range index {
		b, err := os.ReadFile(filepath.Join(data, "imagenet-samples/images", name))
		if err != nil {
			t.Fatal(err)
		}
		img, _, err := DecodeBytes(b, Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkDigest(t, name, img, want[0])
		size := img.Bounds().Size()
		if img, _, err = DecodeBytes(b, Options{Draft: image.Pt(size.X/2, size.Y/2)}); err != nil {
			t.Fatal(err)
		}
		checkDigest(t, name+" at 1/2", img, want[1])
	}
}
