package convert_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// TestCheck: -check says whether a model can be converted, and writes nothing.
func TestCheck(t *testing.T) {
	good := infertest.ModelFile(t, nil)
	out, errs := infertest.Want(t, cli.OK, "convert", "-check", good)
	if !strings.HasPrefix(out, good+" can be converted: input 3x32x32, ") || strings.Count(out, "\n") != 1 || errs != "" {
		t.Errorf("got %q and %q", out, errs)
	}
	bad := infertest.ModelFile(t, func(m *weights.Model) { m.Graph.Nodes[3].Op = "quux" })
	if out, errs := infertest.Want(t, cli.Model, "convert", "-check", bad); out != "" || !strings.Contains(errs, "quux") || strings.Count(errs, "\n") != 1 {
		t.Errorf("got %q and %q, want the operator", out, errs)
	}
	infertest.Want(t, cli.Usage, "convert", "-check", good, "-crop", "33")
	infertest.Want(t, cli.Usage, "convert", "-check", good, "-o", "x.rfl")
	for _, m := range []string{good, bad} {
		if got := infertest.Entries(t, filepath.Dir(m)); got != filepath.Base(m) {
			t.Errorf("got files %q", got)
		}
	}
}

// TestConvertOutput: -output keeps one output and what it needs.
func TestConvertOutput(t *testing.T) {
	from, dir := infertest.ModelFile(t, nil), t.TempDir()
	nodes := infertest.Model(t).Graph.Nodes
	embedding := nodes[len(nodes)-1].Inputs[0]
	to := filepath.Join(dir, "e.rfl")
	infertest.Want(t, cli.OK, "convert", from, "-o", to, "-output", embedding)
	m, err := weights.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Graph.Nodes) != len(nodes)-1 || m.Graph.Outputs[0] != embedding || len(m.Labels) > 0 {
		t.Errorf("got %d nodes, outputs %q, %d labels; want %d, %q, none", len(m.Graph.Nodes), m.Graph.Outputs, len(m.Labels), len(nodes)-1, embedding)
	}
	for _, x := range m.Tensors {
		if strings.HasPrefix(x.Name, nodes[len(nodes)-1].Name) {
			t.Errorf("got tensor %q of a node that is not there", x.Name)
		}
	}
	_, errs := infertest.Want(t, cli.OK, "convert", from, "-o", to, "-output", nodes[0].Name)
	if !strings.Contains(errs, "note: the first output, "+nodes[0].Outputs[0]+", is a feature map") {
		t.Errorf("got %q, want a note on an output that holds no classes", errs)
	}
	if _, errs := infertest.Want(t, cli.Usage, "convert", from, "-o", to, "-output", "nope"); !strings.Contains(errs, `-output: got "nope"`) {
		t.Errorf("got %q", errs)
	}
}

// TestCheckListsAll: everything that is not supported in an ONNX file is listed, a line
// each, and the file is refused.
func TestCheckListsAll(t *testing.T) {
	b, err := onnx.Export(infertest.Model(t))
	if err != nil {
		t.Fatal(err)
	}
	// The same network with two operators that do not exist.
	for from, to := range map[string]string{"Relu": "Bulu", "GlobalAveragePool": "GlobalStrangePool"} {
		b = bytes.ReplaceAll(b, []byte(from), []byte(to))
	}
	path := filepath.Join(infertest.Tree(t, map[string]string{"m.onnx": string(b)}), "m.onnx")
	out, errs := infertest.Want(t, cli.Model, "convert", "-check", path)
	reasons := strings.Count(out, "\n")
	if !strings.Contains(out, "(Bulu): ") || !strings.Contains(out, "(GlobalStrangePool): ") || reasons < 2 {
		t.Errorf("got %q, want a line for each operator", out)
	}
	if want := fmt.Sprintf("infer convert: %s cannot be converted for %d reasons\n", path, reasons); errs != want {
		t.Errorf("got %q, want %q", errs, want)
	}
	if _, errs := infertest.Want(t, cli.Model, "convert", path, "-o", filepath.Join(t.TempDir(), "x.rfl")); !strings.Contains(errs, "Bulu") || strings.Count(errs, "\n") != 1 {
		t.Errorf("got %q, want one line that names an operator", errs)
	}
}
