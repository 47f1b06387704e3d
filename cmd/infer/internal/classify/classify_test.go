package classify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/cmd/infer/internal/command"
	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights"
)

func TestClassifyText(t *testing.T) {
	m, dir := infertest.ModelFile(t, nil), infertest.Tree(t, map[string]string{"a.png": "png1"})
	pic := filepath.Join(dir, "a.png")
	out, errs := infertest.Want(t, cli.OK, "-m", m, "-k", "3", pic)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != 4 || lines[0] != pic || errs != "" {
		t.Fatalf("got %q and %q, want the name and 3 classes", out, errs)
	}
	form := regexp.MustCompile(`^  [ 0-9]{3}\.[0-9]{2}%  [a-z]+$`)
	for _, l := range lines[1:] {
		if !form.MatchString(l) {
			t.Errorf("got line %q, want %v", l, form)
		}
	}
	// Flags after the picture, and any thread count and order, say the same.
	for _, args := range [][]string{
		{pic, "-m", m, "-k=3"}, {"-threads", "1", "-m", m, pic, "-k", "3"}, {"-m", m, "-k", "3", "--", pic}, {"-m", m, "-k", "3", "-q", pic},
	} {
		if again, _ := infertest.Want(t, cli.OK, args...); again != out {
			t.Errorf("%q: got %q, want %q", args, again, out)
		}
	}
}

// TestClassifyAgreesWithEngine: the command says what the library says.
func TestClassifyAgreesWithEngine(t *testing.T) {
	path, dir := infertest.ModelFile(t, nil), infertest.Tree(t, map[string]string{"a.png": "png1", "b.png": "png2", "c.png": "png3"})
	model, err := engine.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	defer model.Close()
	out, _ := infertest.Want(t, cli.OK, "-m", path, "-json", "-k", "99", dir)
	for i, line := range strings.Split(strings.TrimSpace(out), "\n") {
		var rec struct {
			File string
			Top  []struct {
				Class int
				Label string
				Prob  float32
			}
		}
		if err := json.Unmarshal([]byte(line), &rec); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if want := filepath.Join(dir, string(rune('a'+i))+".png"); rec.File != want {
			t.Fatalf("record %d: got %s, want %s", i, rec.File, want)
		}
		img, err := preprocess.DecodeFile(rec.File)
		if err != nil {
			t.Fatal(err)
		}
		top, err := model.Classify(context.Background(), img, 99)
		if err != nil {
			t.Fatal(err)
		}
		if len(rec.Top) != len(infertest.Animals) || len(top) != len(infertest.Animals) {
			t.Fatalf("got %d and %d classes, want %d", len(rec.Top), len(top), len(infertest.Animals))
		}
		for j, p := range top {
			if g := rec.Top[j]; g.Class != p.Class || g.Label != p.Label || g.Prob != p.Prob {
				t.Errorf("%s class %d: got %+v, want %+v", rec.File, j, g, p)
			}
		}
	}
}

func TestClassifyStdin(t *testing.T) {
	m := infertest.ModelFile(t, nil)
	code, out, errs := infertest.Infer(t, string(infertest.Drawing(t, 2)), "-m", m, "-json", "-")
	if code != cli.OK || !strings.HasPrefix(out, `{"file":"-","top":[{"class":`) || errs != "" {
		t.Errorf("got %d, %q, %q", code, out, errs)
	}
}

// TestClassifyMixed: broken pictures are records of their own, in their place.
func TestClassifyMixed(t *testing.T) {
	m := infertest.ModelFile(t, nil)
	dir := infertest.Tree(t, map[string]string{
		"b/2.PNG": "png2", "b/1.jpg": "not a picture", "a.png": "png1", "c.webp": "", ".hidden.png": "x",
		"notes.txt": "x", ".git/x.png": "x", "d/e/f.gif": "png3", // a PNG by another name
	})
	missing := filepath.Join(dir, "none.png")
	empty := t.TempDir()
	out, errs := infertest.Want(t, cli.Failed, "-m", m, "-json", dir, missing, empty)
	var got []string
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		var rec struct {
			File, Error string
			Top         []any
		}
		if err := json.Unmarshal([]byte(line), &rec); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if (rec.Error == "") == (rec.Top == nil) {
			t.Errorf("got %s, want either top or error", line)
		}
		name, _ := filepath.Rel(dir, rec.File)
		if rec.Error != "" {
			name += "!"
		}
		got = append(got, name)
	}
	rel, _ := filepath.Rel(dir, empty)
	if want := []string{"a.png", "b/1.jpg!", "b/2.PNG", "c.webp!", "d/e/f.gif", "none.png!", rel + "!"}; strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got records %q, want %q", got, want)
	}
	if want := fmt.Sprintf("infer: note: 1 file was skipped, by the ending of the name (%s)\n", filepath.Join(dir, "notes.txt")); errs != want {
		t.Errorf("got %q on standard error, want %q: the records say the rest", errs, want)
	}
	if _, errs = infertest.Want(t, cli.Failed, "-m", m, "-json", "-q", dir); errs != "" {
		t.Errorf("-q: got %q on standard error, want nothing", errs)
	}
	// In text, results and errors part.
	out, errs = infertest.Want(t, cli.Failed, "-m", m, "-k", "1", dir, missing)
	if n := strings.Count(out, "%"); n != 3 {
		t.Errorf("got %d results in %q, want 3", n, out)
	}
	if n := strings.Count(errs, "\n"); n != 1+3 || !strings.Contains(errs, "none.png: no such file") || strings.Contains(errs, "none.png: open") {
		t.Errorf("got %q, want a note and 3 lines, the missing file named once", errs)
	}
}

func TestHugePicture(t *testing.T) {
	b := infertest.Drawing(t, 1)
	for i, v := range []byte{0, 1, 0x86, 0xA0} { // 100,000 in IHDR; its sum is now wrong
		b[16+i], b[20+i] = v, v
	}
	copy(b[29:], []byte{0xBA, 0xD0, 0xBA, 0xD0})
	code, out, errs := infertest.Infer(t, string(b), "-m", infertest.ModelFile(t, nil), "-")
	if code != cli.Failed || out != "" || strings.Count(errs, "\n") != 1 {
		t.Errorf("got %d, %q, %q; want 1 and one line", code, out, errs)
	}
}

// brokenPipe is an output whose reader goes away after some writes.
type brokenPipe struct{ left int }

func (b *brokenPipe) Write(p []byte) (int, error) {
	if b.left--; b.left < 0 {
		return 0, &os.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}
	}
	return len(p), nil
}

func TestClosedOutput(t *testing.T) {
	m, dir := infertest.ModelFile(t, nil), infertest.Tree(t, map[string]string{"a.png": "png1", "b.png": "png2", "c.png": "png3"})
	var errs bytes.Buffer
	if code := command.Run(context.Background(), []string{"-m", m, dir}, nil, &brokenPipe{1}, &errs); code != cli.OK || errs.Len() > 0 {
		t.Errorf("closed pipe: got %d, %q; want 0 and silence", code, errs.String())
	}
	// A file that was asked for comes all the same.
	to := filepath.Join(t.TempDir(), "e.npy")
	if code := command.Run(context.Background(), []string{"-m", m, "-embed", to, dir}, nil, &brokenPipe{1}, &errs); code != cli.OK || errs.Len() > 0 {
		t.Errorf("closed pipe, -embed: got %d, %q; want 0 and silence", code, errs.String())
	}
	if shape, _ := array(t, to); shape[0] != 3 {
		t.Errorf("closed pipe, -embed: got an array of shape %v, want 3 rows", shape)
	}
	full := writerFunc(func([]byte) (int, error) { return 0, syscall.ENOSPC })
	if code := command.Run(context.Background(), []string{"-m", m, dir}, nil, full, &errs); code != cli.Failed || !strings.Contains(errs.String(), "no space") {
		t.Errorf("full disk: got %d, %q; want 1 and the reason", code, errs.String())
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestInterrupt: an interrupt ends a read of standard input that would wait for ever.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	defer w.Close()
	m := infertest.ModelFile(t, nil)
	var out, errs bytes.Buffer
	done := make(chan int)
	go func() { done <- command.Run(ctx, []string{"-m", m, "-"}, r, &out, &errs) }()
	if _, err := w.Write([]byte("\x89PNG")); err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case code := <-done:
		if code != cli.Interrupted || out.Len() > 0 {
			t.Errorf("got %d, %q, %q; want 130", code, out.String(), errs.String())
		}
	case <-time.After(time.Minute):
		t.Fatal("still waiting for standard input")
	}
}

// TestLabelsArePrintable: a label cannot write over the terminal.
func TestLabelsArePrintable(t *testing.T) {
	m := infertest.ModelFile(t, func(m *weights.Model) {
		m.Labels = append([]string(nil), infertest.Animals...)
		for i := range m.Labels {
			m.Labels[i] = "\x1b[2J" + m.Labels[i]
		}
	})
	if _, out, _ := infertest.Infer(t, string(infertest.Drawing(t, 1)), "-m", m, "-"); strings.Contains(out, "\x1b") || !strings.Contains(out, `\x1b[2J`) {
		t.Errorf("got %q, want the escape made visible", out)
	}
}
