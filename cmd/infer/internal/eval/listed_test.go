package eval_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// tarOf is an archive of the drawings 0 to n-1, the last one first.
func tarOf(t *testing.T, n int) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := n - 1; i >= 0; i-- {
		data := infertest.Drawing(t, i)
		if err := w.WriteHeader(&tar.Header{Name: fmt.Sprintf("images/%d.png", i), Mode: 0o644, Size: int64(len(data))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, "pictures.tar", b.String())
}

// TestEvalListed: a list names the classes of a directory's or an archive's pictures, a
// table says which classes of the model these are. Both say what a directory of classes does.
func TestEvalListed(t *testing.T) {
	m := infertest.ModelFile(t, nil)
	tree := map[string]string{}
	var list, table strings.Builder
	for k, label := range infertest.Animals {
		fmt.Fprintf(&table, "%d\tn%d\t%s\n", 9-k, 90+k, label) // by name, whatever the order
	}
	lines := strings.Split(strings.TrimSpace(table.String()), "\n")
	for i, j := 0, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	for i := range 6 {
		tree[fmt.Sprintf("%s/%d.png", infertest.Animals[i], i)] = fmt.Sprintf("png%d", i)
		fmt.Fprintf(&list, "%d.png\tn%d\t0\t0\n", i, 90+i)
	}
	dir := infertest.Tree(t, tree)
	classes, pictures := write(t, "classes.tsv", strings.Join(lines, "\n")), write(t, "list.tsv", list.String())
	want := evalJSON(t, cli.OK, "-m", m, dir)

	predictions := filepath.Join(t.TempDir(), "p")
	for _, from := range []string{dir, tarOf(t, 7)} { // the archive has one that is not in the list
		r := evalJSON(t, cli.OK, "-m", m, "-list", pictures, "-classes", classes, "-predictions", predictions, from)
		if r.Pictures != 6 || r.Top1 != want.Top1 || r.Top5 != want.Top5 || r.Failed != 0 || r.Data != from {
			t.Errorf("got %+v, want what a directory of classes gives: %+v", r, want)
		}
		b, err := os.ReadFile(predictions)
		if err != nil || strings.Count(string(b), "\n") != 6 {
			t.Errorf("got predictions %q, %v; want 6", b, err)
		}
	}
	// A table for sub-directories that are no labels; those that it does not name are left out.
	by := map[string]string{"other/x.png": "png9"}
	for i := range 6 {
		by[fmt.Sprintf("n%d/%d.png", 90+i, i)] = fmt.Sprintf("png%d", i)
	}
	named := infertest.Tree(t, by)
	r := evalJSON(t, cli.OK, "-m", m, "-classes", classes, named)
	if r.Pictures != 6 || r.Top1 != want.Top1 || r.Top5 != want.Top5 {
		t.Errorf("got %+v, want %+v", r, want)
	}
	if _, errs := infertest.Want(t, cli.OK, "eval", "-m", m, "-classes", classes, named); !strings.Contains(errs, "1 picture left out, whose classes the model does not have") {
		t.Errorf("got %q, want a note of what was left out", errs)
	}

	short := tarOf(t, 5)
	twice := infertest.Tree(t, map[string]string{"a/0.png": "png0", "b/0.png": "png0"})
	for _, c := range []struct {
		want string
		args []string
	}{
		{"1 picture of " + pictures + " are not there, such as 5.png", []string{"-list", pictures, "-classes", classes, short}},
		{"two pictures 0.png", []string{"-list", write(t, "l", "0.png\tn90\n"), "-classes", classes, twice}},
		{"want a directory, or with -list FILE a tar archive", []string{short}},
		{"not a tar archive", []string{"-list", pictures, "-classes", classes, pictures}},
		{`"n95" is no label of the model`, []string{"-list", pictures, dir}},
		{"no pictures of the model's classes", []string{"-list", write(t, "l", "0.png\tn1\n"), "-classes", classes, short}},
		{"-list and -classes are for a directory", []string{"-list", pictures, "-cifar10", dir}},
	} {
		code, out, errs := infertest.Infer(t, "", append([]string{"eval", "-m", m}, c.args...)...)
		if code == cli.OK || out != "" || !strings.Contains(errs, c.want) {
			t.Errorf("%q: got %d, %q, %q; want %q", c.args, code, out, errs, c.want)
		}
	}
}
