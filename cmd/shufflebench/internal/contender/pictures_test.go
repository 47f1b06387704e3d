package contender

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/network"
	"github.com/riffle-ml/riffle/engine"
)

func pictures(t *testing.T, threads int, draft bool) *Pictures {
	t.Helper()
	n, err := network.FromArch("shufflenetv2:0.25x@32")
	if err != nil {
		t.Fatal(err)
	}
	if err := n.NeedPreprocess(); err != nil {
		t.Fatal(err)
	}
	m, err := engine.New(n.Model, engine.WithThreads(1))
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPictures(m, threads, draft)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// photo writes a large JPEG.
func photo(t *testing.T) string {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 640, 480))
	for i := range img.Pix {
		img.Pix[i] = color.Gray{uint8(i * i >> 9)}.Y
	}
	path := filepath.Join(t.TempDir(), "photo.jpg")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := jpeg.Encode(f, img, nil); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPictures(t *testing.T) {
	const dir = "../../../../testdata/pictures/"
	files := []string{dir + "ship.png", photo(t), dir + "cat.png", dir + "ship.png"}
	var want []int
	for _, threads := range []int{1, 3, 8} {
		c, err := pictures(t, threads, false).Classify(context.Background(), files)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = c.Classes
		}
		total := 0.0
		for i, class := range c.Classes {
			if class != want[i] || c.NS[i] <= 0 {
				t.Errorf("%d threads: picture %d: got class %d in %v ns, want class %d", threads, i, class, c.NS[i], want[i])
			}
			total += c.NS[i]
		}
		if c.Classes[0] != c.Classes[3] || threads == 1 && c.Elapsed < total {
			t.Errorf("%d threads: got %+v, want the same class for the same picture", threads, c)
		}
	}
}

// A draft is decoded at no less than what the network's scaling wants: 37 pixels of
// 480 are an eighth.
func TestDraft(t *testing.T) {
	p := pictures(t, 1, true)
	if p.options.Draft != image.Pt(37, 37) {
		t.Errorf("got a draft of %v, want 37x37, the side to which a picture is scaled", p.options.Draft)
	}
	if _, err := p.Classify(context.Background(), []string{photo(t)}); err != nil {
		t.Error(err)
	}
}

func TestPictureErrors(t *testing.T) {
	p := pictures(t, 2, false)
	if _, err := p.Classify(context.Background(), []string{photo(t), "none.png", photo(t)}); err == nil || !strings.Contains(err.Error(), "none.png") {
		t.Errorf("got %v, want the file named", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Classify(ctx, []string{photo(t)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}
