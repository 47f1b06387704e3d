package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights"
)

func TestClassifyText(t *testing.T) {
	m, dir := modelFile(t, nil), tree(t, map[string]string{"a.png": "png1"})
	pic := filepath.Join(dir, "a.png")
	out, errs := want(t, exitOK, "-m", m, "-k", "3", pic)
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
		if again, _ := want(t, exitOK, args...); again != out {
			t.Errorf("%q: got %q, want %q", args, again, out)
		}
	}
}

// TestClassifyAgreesWithEngine: the command says what the library says.
func TestClassifyAgreesWithEngine(t *testing.T) {
	path, dir := modelFile(t, nil), tree(t, map[string]string{"a.png": "png1", "b.png": "png2", "c.png": "png3"})
	model, err := engine.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	defer model.Close()
	out, _ := want(t, exitOK, "-m", path, "-json", "-k", "99", dir)
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
		if len(rec.Top) != len(animals) || len(top) != len(animals) {
			t.Fatalf("got %d and %d classes, want %d", len(rec.Top), len(top), len(animals))
		}
		for j, p := range top {
			if g := rec.Top[j]; g.Class != p.Class || g.Label != p.Label || g.Prob != p.Prob {
				t.Errorf("%s class %d: got %+v, want %+v", rec.File, j, g, p)
			}
		}
	}
}

func TestClassifyStdin(t *testing.T) {
	m := modelFile(t, nil)
	code, out, errs := infer(t, string(drawing(t, 2)), "-m", m, "-json", "-")
	if code != exitOK || !strings.HasPrefix(out, `{"file":"-","top":[{"class":`) || errs != "" {
		t.Errorf("got %d, %q, %q", code, out, errs)
	}
}

// TestClassifyMixed: broken pictures are records of their own, in their place.
func TestClassifyMixed(t *testing.T) {
	m := modelFile(t, nil)
	dir := tree(t, map[string]string{
		"b/2.PNG": "png2", "b/1.jpg": "not a picture", "a.png": "png1", "c.webp": "", ".hidden.png": "x",
		"notes.txt": "x", ".git/x.png": "x", "d/e/f.gif": "png3", // a PNG by another name
	})
	missing := filepath.Join(dir, "none.png")
	empty := t.TempDir()
	out, errs := want(t, exitFailed, "-m", m, "-json", dir, missing, empty)
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
	if errs != "" {
		t.Errorf("got %q on standard error, want nothing: the records say it", errs)
	}
	// In text, results and errors part.
	out, errs = want(t, exitFailed, "-m", m, "-k", "1", dir, missing)
	if n := strings.Count(out, "%"); n != 3 {
		t.Errorf("got %d results in %q, want 3", n, out)
	}
	if n := strings.Count(errs, "\n"); n != 3 || !strings.Contains(errs, "none.png: no such file") || strings.Contains(errs, "none.png: open") {
		t.Errorf("got %q, want 3 lines, the missing file named once", errs)
	}
}

func TestHugePicture(t *testing.T) {
	b := drawing(t, 1)
	for i, v := range []byte{0, 1, 0x86, 0xA0} { // 100,000 in IHDR; its sum is now wrong
		b[16+i], b[20+i] = v, v
	}
	copy(b[29:], []byte{0xBA, 0xD0, 0xBA, 0xD0})
	code, out, errs := infer(t, string(b), "-m", modelFile(t, nil), "-")
	if code != exitFailed || out != "" || strings.Count(errs, "\n") != 1 {
		t.Errorf("got %d, %q, %q; want 1 and one line", code, out, errs)
	}
}

func TestUsageErrors(t *testing.T) {
	m := modelFile(t, nil)
	for _, args := range [][]string{
		{}, {"-m", m}, {"-nonsense"}, {"-k", "0", "-m", m, "x.png"}, {"-k", "x", "x.png"}, {"-threads", "0", "x.png"},
		{"-isa", "sse9", "x.png"}, {"help", "nonsense"},
		{"eval", "-m", m}, {"eval", "-m", m, "-cifar10", "x", "y"}, {"run", "-m", m, "-in", "x"}, {"run", "x"},
		{"inspect"}, {"inspect", "a", "b"}, {"convert", "a.onnx"}, {"convert", "-o", "b.rfl"},
		{"convert", m, "-o", "b.rfl", "-f16", "-f32"}, {"convert", m, "-o", "b.rfl", "-mean", "1,x"},
		{"convert", m, "-o", "b.rfl", "-mean", "1,2"}, {"convert", m, "-o", "b.rfl", "-crop", "33"},
		{"convert", m, "-o", "b.rfl", "-std", "0"}, {"convert", m, "-o", "b.rfl", "-order", "cmyk"},
		{"convert", m, "-o", "b.rfl", "-resize", "-3"},
	} {
		out, errs := want(t, exitUsage, args...)
		lines := strings.Split(strings.TrimSpace(errs), "\n")
		if out != "" || len(lines) != 2 || !strings.HasSuffix(lines[1], "-h for help") {
			t.Errorf("%q: got %q and %q, want one line and a hint on standard error", args, out, errs)
		}
	}
}

func TestModelErrors(t *testing.T) {
	good := modelFile(t, nil)
	b, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, b, 0o666); err != nil {
			t.Fatal(err)
		}
		return p
	}
	flipped := bytes.Clone(b)
	flipped[len(flipped)-3] ^= 4
	pic := write("a.png", drawing(t, 1))
	noPicture := modelFile(t, func(m *weights.Model) { m.Preprocess = nil })
	misfit := modelFile(t, func(m *weights.Model) { m.Preprocess.Crop = [2]int{32, 30} })
	for name, path := range map[string]string{
		"misfit":     misfit,
		"missing":    filepath.Join(dir, "none.rfl"),
		"empty":      write("empty.rfl", nil),
		"text":       write("text.rfl", []byte("hello")),
		"truncated":  write("short.rfl", b[:len(b)/2]),
		"flipped":    write("flipped.rfl", flipped),
		"folder":     dir + "/",
		"no zoo":     "nosuchmodel",
		"no picture": noPicture,
	} {
		out, errs := want(t, exitModel, "-m", path, pic)
		if out != "" || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: got %q and %q, want one line", name, out, errs)
		}
		if name != "no picture" && name != "misfit" {
			if _, errs := want(t, exitModel, "inspect", path); strings.Count(errs, "\n") != 1 {
				t.Errorf("inspect %s: got %q, want one line", name, errs)
			}
		}
	}
}

func TestHelpAndVersion(t *testing.T) {
	for _, args := range [][]string{{"-h"}, {"--help"}, {"help"}} {
		if out, errs := want(t, exitOK, args...); out != helpClassify || errs != "" {
			t.Errorf("%q: got %q and %q", args, out, errs)
		}
	}
	for _, c := range commands() {
		a, _ := want(t, exitOK, c.name, "-h")
		b, _ := want(t, exitOK, "help", c.name)
		if a != c.help || b != c.help {
			t.Errorf("%s: help differs", c.name)
		}
	}
	for _, text := range append([]string{helpClassify}, helpConvert, helpRun, helpInspect, helpEval) {
		for _, line := range strings.Split(text, "\n") {
			if len(line) > 90 || strings.Contains(line, "\t") {
				t.Errorf("help line too wide or with a tab: %q", line)
			}
		}
	}
	if out, _ := want(t, exitOK, "-version"); !strings.HasPrefix(out, "infer ") || !strings.Contains(out, "instruction sets: ") {
		t.Errorf("got version %q", out)
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
	m, dir := modelFile(t, nil), tree(t, map[string]string{"a.png": "png1", "b.png": "png2", "c.png": "png3"})
	var errs bytes.Buffer
	if code := run(context.Background(), []string{"-m", m, dir}, nil, &brokenPipe{1}, &errs); code != exitOK || errs.Len() > 0 {
		t.Errorf("closed pipe: got %d, %q; want 0 and silence", code, errs.String())
	}
	full := writerFunc(func([]byte) (int, error) { return 0, syscall.ENOSPC })
	if code := run(context.Background(), []string{"-m", m, dir}, nil, full, &errs); code != exitFailed || !strings.Contains(errs.String(), "no space") {
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
	m := modelFile(t, nil)
	var out, errs bytes.Buffer
	done := make(chan int)
	go func() { done <- run(ctx, []string{"-m", m, "-"}, r, &out, &errs) }()
	if _, err := w.Write([]byte("\x89PNG")); err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case code := <-done:
		if code != exitInterrupted || out.Len() > 0 {
			t.Errorf("got %d, %q, %q; want 130", code, out.String(), errs.String())
		}
	case <-time.After(20 * time.Second):
		t.Fatal("still waiting for standard input")
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain, ünïcode": "plain, ünïcode", "a\nb\tc": "a b c", "\x1b[31mred": `\x1b[31mred`, "x\u009by": `x\x9by`,
	} {
		if got := printable(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	m := modelFile(t, func(m *weights.Model) {
		m.Labels = append([]string(nil), animals...)
		for i := range m.Labels {
			m.Labels[i] = "\x1b[2J" + m.Labels[i]
		}
	})
	if _, out, _ := infer(t, string(drawing(t, 1)), "-m", m, "-"); strings.Contains(out, "\x1b") || !strings.Contains(out, `\x1b[2J`) {
		t.Errorf("got %q, want the escape made visible", out)
	}
}

func TestOrdered(t *testing.T) {
	for _, workers := range []int{1, 2, 7} {
		var got []int
		err := ordered(context.Background(), workers, 100, func(_, i int) int {
			time.Sleep(time.Duration(i*7919%5) * 100 * time.Microsecond)
			return i * i
		}, func(i, r int) error {
			got = append(got, r)
			return nil
		})
		if err != nil || len(got) != 100 {
			t.Fatalf("%d workers: got %d results, %v", workers, len(got), err)
		}
		for i, r := range got {
			if r != i*i {
				t.Fatalf("%d workers: result %d is %d, want %d", workers, i, r, i*i)
			}
		}
		stop := errors.New("stop")
		n := 0
		err = ordered(context.Background(), workers, 100, func(_, i int) int { return i }, func(i, _ int) error {
			if n++; i == 10 {
				return stop
			}
			return nil
		})
		if err != stop || n != 11 {
			t.Errorf("%d workers: got %v after %d results, want stop after 11", workers, err, n)
		}
	}
}

func TestProgressLine(t *testing.T) {
	p := &progress{width: 60, total: 200}
	line := p.line(50, 2*time.Second)
	if !strings.HasSuffix(line, " 50/200  25/s  0:06 left") || strings.Contains(line, "\x1b") {
		t.Errorf("got %q", line)
	}
	if n := len([]rune(line)); n >= 60 {
		t.Errorf("got %d columns, want under 60", n)
	}
	p.colour = true
	if line := p.line(50, time.Second); !strings.Contains(line, "\x1b[36m") || !strings.Contains(line, "\x1b[0m") {
		t.Errorf("got %q, want colour", line)
	}
	p.width = 20
	if line := p.line(200, time.Second); len(line) >= 20 || strings.Contains(line, "\x1b") {
		t.Errorf("narrow: got %q", line)
	}
	if newProgress(&bytes.Buffer{}, 100, false) != nil {
		t.Error("got a bar where there is no terminal")
	}
	var none *progress // safe to use
	none.set(3)
	none.hide()
}

// TestOrderedWindow: where the reader of results is slow, workers wait for it, and do not
// pile results up.
func TestOrderedWindow(t *testing.T) {
	const workers, n = 3, 1000
	var begun atomic.Int64
	err := ordered(context.Background(), workers, n, func(_, i int) int {
		begun.Add(1)
		return i
	}, func(i, r int) error {
		if i%100 == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		if b := int(begun.Load()); b > i+ahead*workers {
			return fmt.Errorf("%d were begun when result %d came", b, i)
		}
		return nil
	})
	if err != nil || begun.Load() != n {
		t.Errorf("got %v after %d", err, begun.Load())
	}
}
