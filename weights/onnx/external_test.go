package onnx_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/weights/onnx"
)

// outside is a tensor w [6 1 1] whose data lies in another file: six floats, at offset.
func outside(location string, offset int64, length int) []byte {
	entry := func(k, v string) []byte { return blob(blob(nil, 1, k), 2, v) }
	w := blob(vint(vint(vint(vint(nil, 1, 6), 1, 1), 1, 1), 2, float32Type), 8, "w")
	w = blob(w, 13, entry("location", location))
	if offset != 0 {
		w = blob(w, 13, entry("offset", fmt.Sprint(offset)))
	}
	if length >= 0 {
		w = blob(w, 13, entry("length", fmt.Sprint(length)))
	}
	return vint(w, 14, 1)
}

func factors(w []byte) []byte { return with(image(13), w).node("Mul", "x w", "y").out("y").bytes() }

// folder is a directory with a model's neighbours, and secrets outside it.
func folder(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "model")
	var data []byte
	for i := range 8 {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(i)))
	}
	for _, path := range []string{filepath.Join(dir, "sub", "w.bin"), filepath.Join(dir, "w.bin"), filepath.Join(root, "secret.bin")} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"inside.bin": "w.bin", "outside.bin": filepath.Join("..", "secret.bin"), "out": ".."} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Log(err)
		}
	}
	return dir
}

func TestExternalData(t *testing.T) {
	dir := folder(t)
	path := filepath.Join(dir, "m.onnx")
	for _, c := range []struct {
		location string
		offset   int64
		length   int
	}{{"w.bin", 0, 24}, {"w.bin", 8, 24}, {"w.bin", 0, -1}, {"sub/w.bin", 4, 24}, {"./w.bin", 0, 24}, {"inside.bin", 0, 24}} {
		b := factors(outside(c.location, c.offset, c.length))
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		m, err := onnx.ReadFile(path)
		if err != nil {
			t.Errorf("%v: %v", c, err)
			continue
		}
		scale := m.Tensor(m.Graph.Nodes[0].Tensors["scale"])
		if scale == nil || scale.Data[0] != float32(c.offset/4) || scale.Data[5] != float32(c.offset/4+5) {
			t.Errorf("%v: got %v, want six numbers from %d on", c, scale, c.offset/4)
		}
		if _, err := onnx.Import(b); !errors.Is(err, onnx.ErrUnsupported) || !strings.Contains(err.Error(), "another file") {
			t.Errorf("%v, from memory: got %v, want ErrUnsupported about data in another file", c, err)
		}
	}
}

// Nothing outside the model's directory is read, and nothing but regular files.
func TestExternalDataStaysInside(t *testing.T) {
	dir := folder(t)
	path := filepath.Join(dir, "m.onnx")
	secret := filepath.Join(dir, "..", "secret.bin")
	for _, location := range []string{
		"../secret.bin", "sub/../../secret.bin", secret, "outside.bin", "out/secret.bin", "none.bin", "", ".", "sub", "/etc/passwd", "/dev/zero", "/proc/self/mem",
		"..", "w.bin\x00", `..\secret.bin`,
	} {
		for name, f := range map[string]*file{
			"initializer": with(image(13), outside(location, 0, 24)).node("Mul", "x w", "y").out("y"),
			"constant":    image(13).node("Constant", "_", "w", attrTensor("value", outside(location, 0, 24))).node("Mul", "x w", "y").out("y"),
		} {
			if err := os.WriteFile(path, f.bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			var e *onnx.Error
			if m, err := onnx.ReadFile(path); !errors.As(err, &e) || m != nil {
				t.Errorf("%s at %q: got %v, want an Error", name, location, err)
			}
		}
	}
	// What nothing reads is not looked at.
	if err := os.WriteFile(path, with(image(13), outside("../secret.bin", 0, 24)).node("Relu", "x", "y").out("y").bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := onnx.ReadFile(path); err != nil {
		t.Errorf("a tensor that nothing reads: %v", err)
	}
}

// Offsets and lengths must fit the file, and the weights the limits.
func TestExternalDataBounds(t *testing.T) {
	dir := folder(t)
	path := filepath.Join(dir, "m.onnx")
	for _, c := range []struct {
		offset int64
		length int
	}{{12, 24}, {1 << 40, 24}, {-4, 24}, {0, 20}, {0, 32}, {math.MaxInt64 - 8, 24}} {
		if err := os.WriteFile(path, factors(outside("w.bin", c.offset, c.length)), 0o644); err != nil {
			t.Fatal(err)
		}
		var e *onnx.Error
		if _, err := onnx.ReadFile(path); !errors.As(err, &e) {
			t.Errorf("%v: got %v, want an Error", c, err)
		}
	}
	b := factors(outside("w.bin", 0, 24))
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := onnx.ReadFile(path, onnx.WithMaxFile(len(b))); err != nil {
		t.Errorf("24 bytes of weights, at most %d: %v", len(b), err)
	}
	huge := blob(vint(vint(vint(nil, 1, 1<<27), 2, float32Type), 14, 1), 8, "w")
	huge = blob(huge, 13, blob(blob(nil, 1, "location"), 2, "w.bin"))
	if err := os.WriteFile(path, factors(huge), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := onnx.ReadFile(path, onnx.WithMaxFile(1<<20)); err == nil || !strings.Contains(err.Error(), "WithMaxFile") {
		t.Errorf("512 MiB of weights, at most 1: got %v, want an error that names the limit", err)
	}
}
