package eval_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/internal/realdata"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// TestEvalRealTinyImageNet: the model of Tiny ImageNet is as good on its 10,000 test pictures,
// as they come, as its file says. That is PyTorch's word on the same weights.
func TestEvalRealTinyImageNet(t *testing.T) {
	dir := filepath.Join(realdata.Dir(t), "tiny-imagenet")
	list, count, tolerance := filepath.Join(dir, "val-annotations.tsv"), 10000, 0.02 // of a decision by a hair
	if testing.Short() {
		text, err := os.ReadFile(list)
		if err != nil {
			t.Fatal(err)
		}
		count, tolerance = 60, 26 // four deviations of the mean; an emulator takes a second for each
		list = write(t, "list.tsv", strings.Join(strings.SplitAfter(string(text), "\n")[:count], ""))
	}
	m, err := zoo.Load("tiny-imagenet")
	if err != nil {
		t.Fatal(err)
	}
	var want float64
	if _, err := fmt.Sscanf(m.Provenance.Accuracy, "%f %% top-1", &want); err != nil {
		t.Fatalf("got accuracy %q: %v", m.Provenance.Accuracy, err)
	}
	r := evalJSON(t, cli.OK, "-m", "tiny-imagenet", "-list", list, "-classes", filepath.Join(dir, "classes.tsv"), filepath.Join(dir, "val-images.tar.gz"))
	if r.Pictures != count || math.Abs(100*r.Top1Rate-want) > tolerance+1e-9 {
		t.Errorf("got %d pictures, %.2f %% right, want %d and %.2f %%", r.Pictures, 100*r.Top1Rate, count, want)
	}
}

// TestPhotographs: photographs of ImageNet's own size, of classes that the model knows.
func TestPhotographs(t *testing.T) {
	data := realdata.Dir(t)
	known := map[string]string{} // names by WordNet's number
	for _, line := range rows(t, filepath.Join(data, "tiny-imagenet", "classes.tsv")) {
		known[line[1]] = line[2]
	}
	tree, n := t.TempDir(), 0
	for _, line := range rows(t, filepath.Join(data, "imagenet-samples", "labels.tsv")) {
		name, there := known[line[2]]
		if !there {
			continue
		}
		photo, err := filepath.Abs(filepath.Join(data, "imagenet-samples", "images", line[0]))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(tree, name), 0o777); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(photo)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(tree, name, line[0]), b, 0o666); err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 6 {
		t.Fatalf("got %d photographs of its classes, want 6", n)
	}
	r := evalJSON(t, cli.OK, tree) // the default model
	t.Logf("%d of %d photographs right, %d among the first five", r.Top1, r.Pictures, r.Top5)
	if r.Pictures != 6 || r.Top5 < 3 {
		t.Errorf("got %+v, want most of 6 photographs among the first five", r)
	}
	out, _ := infertest.Want(t, cli.OK, "-k", "1", tree)
	t.Logf("\n%s", strings.ReplaceAll(out, tree, ""))
}

// rows are the lines of a table, in cells.
func rows(t *testing.T, path string) (found [][]string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		found = append(found, strings.Split(line, "\t"))
	}
	return found
}
