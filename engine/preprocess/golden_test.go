package preprocess

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/riffle-ml/riffle/weights"
)

// golden.json, written by testdata/make.py.
type golden struct {
	Specs    map[string][3]int // resize, crop height, crop width
	Norms    [][2][]float64
	Pictures []struct {
		File, Mode string
		Crops      []string
	}
	Sizes [][5]int // width, height, resize, new width, new height
	Crops []json.RawMessage
}

func loadGolden(t testing.TB) *golden {
	t.Helper()
	b, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	g := new(golden)
	if err := json.Unmarshal(b, g); err != nil {
		t.Fatal(err)
	}
	if len(g.Pictures) < 40 || len(g.Norms) != 4 || len(g.Sizes) < 40 || len(g.Crops) < 160 {
		t.Fatalf("golden.json is not whole: %d pictures, %d norms, %d sizes, %d crops",
			len(g.Pictures), len(g.Norms), len(g.Sizes), len(g.Crops))
	}
	return g
}

func decodeFile(t testing.TB, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := Decode(f, Options{})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return img
}

// goldenPixels reads a golden PNG as RGB without any of this package's code.
func goldenPixels(t testing.TB, path string) (pix []byte, w, h int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			r, g, bb, _ := img.At(x, y).RGBA()
			pix = append(pix, byte(r>>8), byte(g>>8), byte(bb>>8))
		}
	}
	return pix, b.Dx(), b.Dy()
}

func readRGB(t testing.TB, img image.Image) (pix []byte, w, h int) {
	t.Helper()
	var s source
	if err := s.open(img); err != nil {
		t.Fatal(err)
	}
	pix = make([]byte, 3*s.w*s.h)
	for y := range s.h {
		if err := s.row(context.Background(), pix[3*s.w*y:], y, 0, s.w); err != nil {
			t.Fatal(err)
		}
	}
	return pix, s.w, s.h
}

type difference struct {
	max   int
	sum   int
	equal int
	n     int
}

func compare(got, want []byte) (d difference) {
	d.n = len(got)
	for i := range got {
		e := int(got[i]) - int(want[i])
		if e < 0 {
			e = -e
		}
		d.max = max(d.max, e)
		d.sum += e
		if e == 0 {
			d.equal++
		}
	}
	return d
}

func (d difference) mean() float64 { return float64(d.sum) / float64(d.n) }

// TestDecodeAgainstPillow compares every picture with Pillow's convert("RGB").
func TestDecodeAgainstPillow(t *testing.T) {
	for _, p := range loadGolden(t).Pictures {
		t.Run(p.File, func(t *testing.T) {
			got, w, h := readRGB(t, decodeFile(t, filepath.Join("testdata/pictures", p.File)))
			want, ww, hh := goldenPixels(t, filepath.Join("testdata/rgb", p.File+".png"))
			if w != ww || h != hh {
				t.Fatalf("got %d x %d pixels, want %d x %d", w, h, ww, hh)
			}
			if d := compare(got, want); d.max > 0 {
				t.Errorf("differs by up to %d levels (mean %.3f, %d of %d equal), want none", d.max, d.mean(), d.equal, d.n)
			}
		})
	}
}

// levels is a normalisation under which Apply returns grey levels unchanged.
func levels(spec [3]int, order string) *weights.Preprocess {
	n := map[string]int{"rgb": 3, "bgr": 3, "gray": 1}[order]
	p := &weights.Preprocess{Resize: spec[0], Crop: [2]int{spec[1], spec[2]}, Filter: "bilinear", Order: order}
	for range n {
		p.Mean, p.Std = append(p.Mean, 0), append(p.Std, 1)
	}
	return p
}

// applyLevels runs Apply and turns the planes back into interleaved bytes.
func applyLevels(t testing.TB, img image.Image, spec *weights.Preprocess) []byte {
	t.Helper()
	p, err := New(spec)
	if err != nil {
		t.Fatal(err)
	}
	c, h, w := p.Shape()
	dst := make([]float32, c*h*w)
	for i := range dst {
		dst[i] = float32(math.NaN())
	}
	if err := p.Apply(dst, img); err != nil {
		t.Fatal(err)
	}
	pix := make([]byte, len(dst))
	for i := range c {
		for j := range h * w {
			v := dst[i*h*w+j] * 255
			if !(v >= 0 && v <= 255) {
				t.Fatalf("channel %d, pixel %d: got %v, not written or out of range", i, j, v)
			}
			pix[j*c+i] = byte(math.Round(float64(v)))
		}
	}
	return pix
}

// TestCropAgainstTorchvision: with the pixels Pillow decoded, Resize and
// CenterCrop must be equal to the bit; and so from the file itself.
func TestCropAgainstTorchvision(t *testing.T) {
	g := loadGolden(t)
	for _, p := range g.Pictures {
		for _, name := range p.Crops {
			t.Run(p.File+"/"+name, func(t *testing.T) {
				want, w, h := goldenPixels(t, filepath.Join("testdata/crop", p.File+"."+name+".png"))
				spec := levels(g.Specs[name], "rgb")
				if w != spec.Crop[1] || h != spec.Crop[0] {
					t.Fatalf("golden picture is %d x %d, want %v", w, h, spec.Crop)
				}
				exact := applyLevels(t, decodeFile(t, filepath.Join("testdata/rgb", p.File+".png")), spec)
				if d := compare(exact, want); d.max != 0 {
					t.Errorf("from equal pixels: differs by up to %d, %d of %d equal; want all", d.max, d.equal, d.n)
				}
				file := applyLevels(t, decodeFile(t, filepath.Join("testdata/pictures", p.File)), spec)
				if d := compare(file, want); d.max != 0 {
					t.Errorf("from the file: differs by up to %d, want none", d.max)
				}
			})
		}
	}
}

// TestGray compares order "gray" with Pillow's convert("L").
func TestGray(t *testing.T) {
	for _, p := range loadGolden(t).Pictures {
		img := decodeFile(t, filepath.Join("testdata/rgb", p.File+".png"))
		want, w, h := goldenPixels(t, filepath.Join("testdata/gray", p.File+".png"))
		got := applyLevels(t, img, levels([3]int{0, h, w}, "gray"))
		for i := range got {
			if got[i] != want[3*i] {
				t.Fatalf("%s: pixel %d: got %d, want %d", p.File, i, got[i], want[3*i])
			}
		}
	}
}

func TestBGR(t *testing.T) {
	img := decodeFile(t, "testdata/pictures/rgb.png")
	rgb := applyLevels(t, img, levels([3]int{20, 16, 16}, "rgb"))
	bgr := applyLevels(t, img, levels([3]int{20, 16, 16}, "bgr"))
	for i := 0; i < len(rgb); i += 3 {
		if rgb[i] != bgr[i+2] || rgb[i+1] != bgr[i+1] || rgb[i+2] != bgr[i] {
			t.Fatalf("pixel %d: got %v, want %v reversed", i/3, bgr[i:i+3], rgb[i:i+3])
		}
	}
}

// TestNormalizeBits holds all 256 levels of each channel to the bits that
// ToTensor and Normalize give.
func TestNormalizeBits(t *testing.T) {
	g := loadGolden(t)
	img := decodeFile(t, "testdata/levels.png")
	for k, n := range g.Norms {
		raw, err := os.ReadFile(filepath.Join("testdata", "norm."+string(rune('0'+k))+".f32"))
		if err != nil {
			t.Fatal(err)
		}
		dst := make([]float32, 3*16*16)
		spec := &weights.Preprocess{Crop: [2]int{16, 16}, Filter: "bilinear", Order: "rgb", Mean: n[0], Std: n[1]}
		if err := Apply(dst, img, spec); err != nil {
			t.Fatal(err)
		}
		if len(raw) != 4*len(dst) {
			t.Fatalf("norm.%d.f32: got %d bytes, want %d", k, len(raw), 4*len(dst))
		}
		for i, v := range dst {
			if want := binary.LittleEndian.Uint32(raw[4*i:]); math.Float32bits(v) != want {
				t.Fatalf("norm %d, value %d: got %v, want %v", k, i, v, math.Float32frombits(want))
			}
		}
	}
}

func TestSizesAgainstTorchvision(t *testing.T) {
	g := loadGolden(t)
	for _, s := range g.Sizes {
		w, h := resized(s[0], s[1], &weights.Preprocess{Resize: s[2]})
		if int(w) != s[3] || int(h) != s[4] {
			t.Errorf("%d x %d, Resize(%d): got %d x %d, want %d x %d", s[0], s[1], s[2], w, h, s[3], s[4])
		}
	}
	for _, raw := range g.Crops {
		var n, crop int
		var rows []int
		if err := json.Unmarshal(raw, &[]any{&n, &crop, &rows}); err != nil {
			t.Fatal(err)
		}
		first, kept, pad := centre(n, crop)
		got := make([]int, crop)
		for i := range kept {
			got[pad+i] = first + i + 1
		}
		for i := range got {
			if got[i] != rows[i] {
				t.Errorf("%d rows, CenterCrop(%d): got %v, want %v", n, crop, got, rows)
				break
			}
		}
	}
}
