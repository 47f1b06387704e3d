package onnx_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/weights/onnx"
	"google.golang.org/protobuf/encoding/protowire"
)

// The classes of contents that break parsers, each with its name; what needs an
// operator to mean anything is in TestErrors.
func TestHostileContents(t *testing.T) {
	const huge = math.MaxInt64
	with := func(tensor []byte) *file { return with(image(13), tensor).node("Mul", "x w", "y").out("y") }
	raw := func(dims []int64, n int) []byte {
		var b []byte
		for _, d := range dims {
			b = vint(b, 1, d)
		}
		return blob(blob(vint(b, 2, float32Type), 8, "w"), 9, make([]byte, n))
	}
	conv := func(attrs ...[]byte) *file {
		return image(13).floats("w", 6, 6, 3, 3).node("Conv", "x w", "y", attrs...).out("y")
	}
	for _, c := range []struct {
		name string
		f    *file
	}{
		{"count times size overflows", with(raw([]int64{1 << 62}, 0))},
		{"product of dimensions overflows to the right size", with(raw([]int64{1 << 32, 1 << 32, 1 << 32, 4}, 16))},
		{"unchecked dimension sizes an allocation", with(raw([]int64{1 << 28}, 4))},
		{"dimension beyond the limit", with(raw([]int64{huge}, 4))},
		{"negative dimension", with(raw([]int64{-6}, 24))},
		{"data of half an element", with(raw([]int64{6}, 23))},
		{"data that is too long", with(raw([]int64{6}, 28))},
		{"data twice, packed and raw", with(blob(raw([]int64{1}, 4), 4, []byte{0, 0, 128, 63}))},
		{"duplicated tensor name", image(13).floats("w", 6).floats("w", 6).node("Mul", "x w", "y").out("y")},
		{"duplicated value name", image(13).node("Relu", "x", "y").node("Relu", "y", "y").out("y")},
		{"tensor called like the input", image(13).floats("x", 6).node("Relu", "x", "y").out("y")},
		{"zero groups", conv(attrInt("group", 0))},
		{"negative groups", conv(attrInt("group", -1))},
		{"groups beyond 32 bits", conv(attrInt("group", 1<<32+1))},
		{"zero stride", conv(attrInts("strides", 0, 0))},
		{"zero dilation", conv(attrInts("dilations", 0, 1))},
		{"stride beyond 32 bits", conv(attrInts("strides", 1<<32+1, 1))},
		{"pads that overflow when added", conv(attrInts("pads", huge, 0, huge, 0))},
		{"kernel that overflows with its dilation", conv(attrInts("dilations", huge, huge))},
		{"permutation that is no bijection", image(13).node("Transpose", "x", "z", attrInts("perm", 0, 1, 1, 3)).node("Relu", "z", "y").out("y")},
		{"permutation that is too short", image(13).node("Transpose", "x", "z", attrInts("perm", 1, 0)).node("Relu", "z", "y").out("y")},
		{"permutation with a negative entry", image(13).node("Transpose", "x", "z", attrInts("perm", 0, -1, 2, 3)).node("Relu", "z", "y").out("y")},
		{"index outside", image(13).ints("k", 0, 1, 2, 3, 4, 6).node("Gather", "x k", "y", attrInt("axis", 1)).out("y")},
		{"index far outside", image(13).tensor("k", int64Type, []int64{1}, math.MinInt64).node("Gather", "x k", "y", attrInt("axis", 1)).out("y")},
		{"axis outside", image(13).node("Concat", "x x", "y", attrInt("axis", huge)).out("y")},
		{"negative sizes of a split", image(13).ints("s", -1, 7).node("Split", "x s", "y z", attrInt("axis", 1)).out("y")},
		{"an axis twice", image(13).ints("a", 0, 0).ints("b", 2, 3).ints("c", 2, 2).node("Slice", "x a b c", "z").node("Relu", "z", "y").out("y")},
		{"a step of zero", image(13).ints("a", 0).ints("b", 6).ints("c", 1).ints("d", 0).node("Slice", "x a b c d", "y").out("y")},
		{"text where a number is wanted", conv(attrString("group", "1"))},
		{"number where a list is wanted", conv(attrInt("strides", 1))},
		{"number where text is wanted", conv(attrInt("auto_pad", 1))},
		{"missing operator", (&file{opset: 13, nodes: blob(nil, 1, blob(blob(nil, 1, "x"), 2, "y")), inputs: image(13).inputs}).out("y")},
		{"infinite weight", image(13).tensor("w", float32Type, []int64{1}, math.Inf(1)).node("Mul", "x w", "y").out("y")},
		{"weight that is no number", image(13).floats("w", 6, 6, 1, 1).tensor("b", float32Type, []int64{6}, 1, math.NaN(), 1, 1, 1, 1).node("Conv", "x w b", "y").out("y")},
		{"weight that overflows when folded", image(13).floats("w", 6, 6, 1, 1).tensor("k", float32Type, nil, 3e38).node("Conv", "x w", "c").node("Mul", "c k", "d").node("Mul", "d k", "y").out("y")},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := c.f.bytes()
			m, err := onnx.Import(b)
			var e *onnx.Error
			if !errors.As(err, &e) || m != nil || strings.Contains(err.Error(), "\n") {
				t.Fatalf("got %v, want one line of an Error", err)
			}
			t.Log(err)
		})
	}
}

// Trailing bytes that are a field again are ignored as protobuf has it, others
// are an error; a missing graph is an error.
func TestHostileEnds(t *testing.T) {
	whole := image(13).node("Relu", "x", "y").out("y").bytes()
	for _, tail := range []string{"\x00", "\xff", "\x0a", "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f"} {
		if _, err := onnx.Import(append(whole[:len(whole):len(whole)], tail...)); !errors.Is(err, onnx.ErrNotONNX) {
			t.Errorf("%q behind the file: got %v, want ErrNotONNX", tail, err)
		}
	}
	if _, err := onnx.Import(vint(nil, 1, 8)); !errors.Is(err, onnx.ErrNotONNX) {
		t.Errorf("no graph: got %v, want ErrNotONNX", err)
	}
	// Groups and messages nested without end.
	deep := []byte{}
	for range 20000 {
		deep = append(protowire.AppendVarint([]byte{0x3a}, uint64(len(deep))), deep...)
		if len(deep) > 1<<16 {
			break
		}
	}
	for _, b := range [][]byte{deep, []byte(strings.Repeat("\x0b", 1<<16)), []byte(strings.Repeat("\x3b", 1<<16))} {
		if _, err := onnx.Import(b); err == nil {
			t.Error("nesting without end was accepted")
		}
	}
}

func TestImportLimits(t *testing.T) {
	f := image(13).floats("w", 6, 6, 1, 1).floats("b", 6).node("Conv", "x w b", "c").node("Relu", "c", "y").out("y")
	b := f.bytes()
	path := filepath.Join(t.TempDir(), "m.onnx")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		option func(int) onnx.Option
		at     int
	}{{"file", onnx.WithMaxFile, len(b)}, {"nodes", onnx.WithMaxNodes, 2}, {"tensors", onnx.WithMaxTensors, 2}} {
		if _, err := onnx.ReadFile(path, c.option(c.at)); err != nil {
			t.Errorf("%s: at the limit of %d: %v", c.name, c.at, err)
		}
		for _, n := range []int{c.at - 1, 0} {
			var e *onnx.Error
			if _, err := onnx.ReadFile(path, c.option(n)); !errors.As(err, &e) || !strings.Contains(err.Error(), "at most") {
				t.Errorf("%s: a limit of %d: got %v, want an Error", c.name, n, err)
			}
		}
	}
	if _, err := onnx.ReadFile(filepath.Join(t.TempDir(), "none.onnx")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
	if _, err := onnx.ReadFile(t.TempDir()); err == nil {
		t.Error("a folder was imported")
	}
}
