package onnx_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/weights/onnx"
)

// problemsOf imports f and returns "NODE OPERATOR" of every error.
func problemsOf(t *testing.T, f *file) ([]string, error) {
	t.Helper()
	_, err := onnx.Import(f.bytes())
	var all onnx.Errors
	var one *onnx.Error
	var got []string
	switch {
	case errors.As(err, &all):
		for _, e := range all {
			got = append(got, e.Node+" "+e.Op)
		}
	case errors.As(err, &one):
		got = append(got, one.Node+" "+one.Op)
	default:
		t.Fatalf("got %v, want an Error or Errors", err)
	}
	return got, err
}

// All that is not supported is listed at once: nodes whose operators are not known,
// and nodes behind them whose attributes, inputs or shapes are not taken.
func TestAllProblemsAtOnce(t *testing.T) {
	conv := func(f *file) *file { return f.floats("w", 6, 6, 1, 1) }
	for _, c := range []struct {
		name string
		f    *file
		want []string
	}{
		{"one", image(13).node("LSTM", "x", "y").out("y"), []string{"node_y LSTM"}},
		{"two, one behind the other", image(13).node("LSTM", "x", "a").node("GRU", "a", "y").out("y"), []string{"node_a LSTM", "node_y GRU"}},
		{"an attribute behind an activation", conv(image(13)).node("Mystery", "x", "a").node("Log", "x", "b").
			node("Conv", "b w", "c", attrString("auto_pad", "SAME")).node("Add", "a c", "y").out("y"), []string{"node_a Mystery", "node_b Log", "node_c Conv"}},
		{"a shape that the file gives", conv(with13(image(13), valueInfo("a", 1, 1, 6, 4, 5))).node("Mystery", "x", "a").
			node("Conv", "a w", "y", attrInts("pads", 0, 0, 0)).out("y"), []string{"node_a Mystery", "node_y Conv"}},
		{"no shape: what is behind is not looked at", conv(image(13)).node("Mystery", "x", "a").
			node("Conv", "a w", "y", attrInts("pads", 0, 0, 0)).out("y"), []string{"node_a Mystery"}},
		{"several of one kind", image(13).node("Log", "x", "a").node("Log", "a", "b").node("Log", "b", "y").out("y"), []string{"node_a Log", "node_b Log", "node_y Log"}},
		{"what no output needs is not listed", image(13).node("Log", "x", "a").node("Mystery", "a", "b").node("Relu", "a", "y").out("y"), []string{"node_a Log"}},
		{"two outputs", image(13).node("Mystery", "x", "a b").node("Add", "a b", "c").node("Log", "c", "y").out("y"), []string{"node_a Mystery", "node_y Log"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := problemsOf(t, c.f)
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %q, want %q (%v)", got, c.want, err)
			}
			if !errors.Is(err, onnx.ErrUnsupported) || errors.Is(err, onnx.ErrInvalid) {
				t.Errorf("got %v, want ErrUnsupported alone", err)
			}
		})
	}
}

// What is invalid, and no consequence of what is not supported, ends the import at once.
func TestInvalidEndsTheList(t *testing.T) {
	_, err := onnx.Import(image(13).node("Log", "x", "a").node("Relu", "q", "b").node("Add", "a b", "y").out("y").bytes())
	if !errors.Is(err, onnx.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
}

// The text has each reason once, with the number of nodes, in one line.
func TestProblemsInWords(t *testing.T) {
	f := image(13)
	in := "x"
	for i := range 30 {
		out := fmt.Sprintf("a%d", i)
		f.node([]string{"Sin", "Log", "Softsign"}[i%3], in, out)
		in = out
	}
	_, err := onnx.Import(f.node("Relu", in, "y").out("y").bytes())
	for _, want := range []string{"30 nodes, for 3 reasons", `"node_a0" (Sin): unknown operator (and 9 more)`, `"node_a2" (Softsign): unknown operator (and 9 more)`} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want %q in it, and one line", err, want)
		}
	}
}

// A list of problems is bounded, as all else is.
func TestProblemsAreBounded(t *testing.T) {
	f := image(13)
	for i := range 20_000 {
		f.node(fmt.Sprintf("Mystery%d", i), "x", fmt.Sprintf("a%d", i))
		f.out(fmt.Sprintf("a%d", i))
	}
	err := within(t, f.bytes(), 10*time.Second, 256<<20)
	var all onnx.Errors
	if !errors.As(err, &all) || len(all) != 1000 || len(err.Error()) > 10_000 {
		t.Errorf("got %d errors in %d bytes, want 1000 in at most 10,000", len(all), len(err.Error()))
	}
}

// with13 adds what the file says of a value's shape.
func with13(f *file, info []byte) *file {
	f.extra = blob(f.extra, 13, info)
	return f
}
