package preprocess

import (
	"bytes"
	"errors"
	"image/color"
	"testing"
)

// NewFrame has one plane without padding, and does not copy it.
func TestNewFrame(t *testing.T) {
	pix := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	f := NewFrame(BGR, 2, 2, pix)
	if want := (color.NRGBA{12, 11, 10, 255}); f.At(1, 1) != want {
		t.Errorf("pixel (1, 1): got %v, want %v", f.At(1, 1), want)
	}
	if pix[0] = 99; !bytes.Equal(f.Planes[0], pix) {
		t.Error("the plane was copied")
	}
	p, err := New(imagenet)
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]float32, 3*224*224)
	if err := p.Apply(dst, f); err != nil {
		t.Errorf("a whole frame: %v", err)
	}
	if err := p.Apply(dst, NewFrame(BGR, 2, 2, pix[1:])); !errors.Is(err, ErrImage) {
		t.Errorf("a byte short: got %v, want ErrImage", err)
	}
}
