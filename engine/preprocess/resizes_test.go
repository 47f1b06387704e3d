package preprocess

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image/color"
	"os"
	"testing"

	"github.com/riffle-ml/riffle/weights"
)

// TestResizesAgainstPillow: both filters, crops, and letterboxes give Pillow's bits.
func TestResizesAgainstPillow(t *testing.T) {
	b, err := os.ReadFile("testdata/resizes.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) < 300 {
		t.Fatalf("resizes.json is not whole: got %d entries, want 300 or more", len(list))
	}
	for _, raw := range list {
		var file, sum string
		spec := &weights.Preprocess{}
		if err := json.Unmarshal(raw, &[]any{&file, &spec.Filter, &spec.Resize, &spec.Crop, &spec.Letterbox, &spec.Order, &sum}); err != nil {
			t.Fatal(err)
		}
		for range map[string]int{"rgb": 3, "gray": 1}[spec.Order] {
			spec.Mean, spec.Std = append(spec.Mean, 0), append(spec.Std, 1)
		}
		got := sha256.Sum256(applyLevels(t, decodeFile(t, "testdata/pictures/"+file), spec))
		if hex.EncodeToString(got[:]) != sum {
			raw, _ := json.Marshal(raw)
			t.Errorf("%s: the result differs from Pillow's", raw)
		}
	}
}

// TestLetterboxOrder: the margins' colour has the order of the channels, as mean and
// deviation have.
func TestLetterboxOrder(t *testing.T) {
	spec := levels([3]int{0, 4, 4}, "bgr")
	spec.Letterbox = []int{1, 2, 3}
	dst := make([]float32, 3*4*4)
	if err := Apply(dst, plainColour{2, 4, color.RGBA{30, 20, 10, 255}}, spec); err != nil {
		t.Fatal(err)
	}
	for c, want := range [3][4]float32{{1, 10, 10, 1}, {2, 20, 20, 2}, {3, 30, 30, 3}} {
		for x, v := range dst[c*16:][:4] {
			if v != want[x]/255 {
				t.Errorf("channel %d, column %d: got %v, want %v", c, x, v*255, want[x])
			}
		}
	}
	for name, box := range map[string][]int{"two": {1, 2}, "none": {}, "below": {1, 2, -1}, "above": {256, 2, 1}} {
		spec.Letterbox = box
		if _, err := New(spec); err == nil {
			t.Errorf("%s: got no error, want one of ErrSpec", name)
		}
	}
	spec.Letterbox, spec.Resize = []int{1, 2, 3}, 9
	if _, err := New(spec); err == nil {
		t.Error("resize and letterbox: got no error, want one of ErrSpec")
	}
}
