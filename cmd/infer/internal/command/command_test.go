package command_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/riffle-ml/riffle/cmd/infer/internal/command"
	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/weights"
)

func TestUsageErrors(t *testing.T) {
	m := infertest.ModelFile(t, nil)
	for _, args := range [][]string{
		{}, {"-m", m}, {"-nonsense"}, {"-k", "0", "-m", m, "x.png"}, {"-k", "x", "x.png"}, {"-threads", "0", "x.png"},
		{"-isa", "sse9", "x.png"}, {"net.onnx"}, {"x.png", "net.RFL"}, {"help", "nonsense"},
		{"eval", "-m", m}, {"eval", "-m", m, "-cifar10", "x", "y"}, {"run", "-m", m, "-in", "x"}, {"run", "x"},
		{"inspect"}, {"inspect", "a", "b"}, {"convert", "a.onnx"}, {"convert", "-o", "b.rfl"},
		{"convert", m, "-o", "b.rfl", "-f16", "-f32"}, {"convert", m, "-o", "b.rfl", "-mean", "1,x"},
		{"convert", m, "-o", "b.rfl", "-mean", "1,2"}, {"convert", m, "-o", "b.rfl", "-crop", "33"},
		{"convert", m, "-o", "b.rfl", "-std", "0"}, {"convert", m, "-o", "b.rfl", "-order", "cmyk"},
		{"convert", m, "-o", "b.rfl", "-resize", "-3"},
	} {
		out, errs := infertest.Want(t, cli.Usage, args...)
		lines := strings.Split(strings.TrimSpace(errs), "\n")
		if out != "" || len(lines) != 2 || !strings.HasSuffix(lines[1], "-h for help") {
			t.Errorf("%q: got %q and %q, want one line and a hint on standard error", args, out, errs)
		}
	}
}

func TestModelErrors(t *testing.T) {
	good := infertest.ModelFile(t, nil)
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
	pic := write("a.png", infertest.Drawing(t, 1))
	noPicture := infertest.ModelFile(t, func(m *weights.Model) { m.Preprocess = nil })
	misfit := infertest.ModelFile(t, func(m *weights.Model) { m.Preprocess.Crop = [2]int{32, 30} })
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
		out, errs := infertest.Want(t, cli.Model, "-m", path, pic)
		if out != "" || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: got %q and %q, want one line", name, out, errs)
		}
		if name != "no picture" && name != "misfit" {
			if _, errs := infertest.Want(t, cli.Model, "inspect", path); strings.Count(errs, "\n") != 1 {
				t.Errorf("inspect %s: got %q, want one line", name, errs)
			}
		}
	}
}

func TestHelpAndVersion(t *testing.T) {
	for _, args := range [][]string{{"-h"}, {"--help"}, {"help"}} {
		if out, errs := infertest.Want(t, cli.OK, args...); out != command.Helps()[""] || errs != "" {
			t.Errorf("%q: got %q and %q", args, out, errs)
		}
	}
	for name, help := range command.Helps() {
		if name != "" {
			a, _ := infertest.Want(t, cli.OK, name, "-h")
			b, _ := infertest.Want(t, cli.OK, "help", name)
			if a != help || b != help {
				t.Errorf("%s: got another help text", name)
			}
		}
		for line := range strings.Lines(help) {
			if utf8.RuneCountInString(line) > 91 || strings.Contains(line, "\t") {
				t.Errorf("%s: a help line is too wide or has a tab: %q", name, line)
			}
		}
		if !strings.Contains(help, "130") {
			t.Errorf("%s: the help does not say what exit status an interrupt gives", name)
		}
	}
	if out, _ := infertest.Want(t, cli.OK, "-version"); !strings.HasPrefix(out, "infer "+cli.Version()+"\n") || !strings.Contains(out, "instruction sets: ") {
		t.Errorf("got version %q", out)
	}
}
