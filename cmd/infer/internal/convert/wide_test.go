package convert_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/weights"
)

// half is y = Cast(Relu(Cast(x, to=FLOAT16)), to=FLOAT) of x [1 3 4 4], as onnx.helper of the PyPI package
// onnx makes it.
const half = "CAg6fQoXCgF4EgFoIgRDYXN0KgkKAnRvGAqgAQIKDAoBaBIBciIEUmVsdQoXCgFyEgF5IgRDYXN0KgkKAnRvGAGgAQISAWdaGwoBeBIWChQIARIQCgIIAQoCCAMKAggECgIIBGIbCgF5EhYKFAgBEhAKAggBCgIIAwoCCAQKAggEQgQKABAN"

// A file that computes in 16 bits is refused, and the error names the flag that widens it.
func TestConvertWide(t *testing.T) {
	b, err := base64.StdEncoding.DecodeString(half)
	if err != nil {
		t.Fatal(err)
	}
	from := filepath.Join(t.TempDir(), "half.onnx")
	if err := os.WriteFile(from, b, 0o666); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "wide.rfl")
	if _, errs := infertest.Want(t, cli.Model, "convert", from, "-o", to); !strings.Contains(errs, "infer convert -wide") {
		t.Errorf("got %q, want an error that names -wide", errs)
	}
	infertest.Want(t, cli.OK, "convert", from, "-wide", "-o", to)
	m, err := weights.ReadFile(to)
	if err != nil || len(m.Graph.Nodes) != 1 || m.Graph.Nodes[0].Op != weights.OpReLU {
		t.Errorf("got %+v, %v, want the ReLU alone", m, err)
	}
}
