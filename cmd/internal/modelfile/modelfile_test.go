package modelfile

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/weights/onnx"
	"github.com/riffle-ml/riffle/weights/zoo"
)

func TestRead(t *testing.T) {
	if len(zoo.Names()) == 0 {
		t.Skip("no model built in")
	}
	if m, err := Read(""); err != nil || len(m.Graph.Nodes) == 0 {
		t.Fatalf("the default model: got %v", err)
	}
	name := zoo.Names()[0]
	b, err := Bytes(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	rfl := filepath.Join(dir, "x.rfl")
	if err := os.WriteFile(rfl, b, 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := zoo.ParseArch("shufflenetv2:0.25x@32")
	if err != nil {
		t.Fatal(err)
	}
	m, err := zoo.Build(a)
	if err != nil {
		t.Fatal(err)
	}
	x, err := onnx.Export(m)
	if err != nil {
		t.Fatal(err)
	}
	asONNX := filepath.Join(dir, "x.ONNX")
	if err := os.WriteFile(asONNX, x, 0o600); err != nil {
		t.Fatal(err)
	}
	swapped := map[string]string{"as.rfl": string(x), "as.onnx": string(b), "as.model": string(x)}
	for name, content := range swapped {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, isONNX := range map[string]bool{
		name: false, rfl: false, asONNX: true, filepath.Join(dir, "as.rfl"): true, filepath.Join(dir, "as.onnx"): false,
		filepath.Join(dir, "as.model"): true,
	} {
		if m, err := Read(name); err != nil || len(m.Graph.Nodes) == 0 || IsONNX(name) != isONNX {
			t.Errorf("%s: got %v, ONNX %v, want %v", name, err, IsONNX(name), isONNX)
		}
	}
	if got, err := Bytes(rfl); err != nil || !bytes.Equal(got, b) {
		t.Errorf("%s: got %d bytes, %v, want the file's", rfl, len(got), err)
	}
}

func TestErrors(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.rfl")
	if err := os.WriteFile(broken, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"resnet": `got "resnet", want a .rfl or .onnx file (./resnet for one of that name) or one of`,
		broken:   broken + ": ", "no/file.rfl": "no/file.rfl", "no/file.onnx": "no/file.onnx", "./none": "none",
	} {
		m, err := Read(name)
		if m != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	if _, err := Bytes("resnet"); err == nil {
		t.Error("resnet: got bytes of a model that is not built in")
	}
}
