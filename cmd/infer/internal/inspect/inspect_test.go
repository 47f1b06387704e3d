package inspect_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

func TestInspect(t *testing.T) {
	m := infertest.ModelFile(t, nil)
	out, _ := infertest.Want(t, cli.OK, "inspect", m)
	for _, s := range []string{
		"animals.rfl, ", "input          3x32x32", "shorter side to 36", "crop 32 x 32, rgb", "ant, bee, cat", "random weights", "gap", "kernel 3 3, ",
	} {
		if !strings.Contains(out, s) {
			t.Errorf("no %q in\n%s", s, out)
		}
	}
	short, _ := infertest.Want(t, cli.OK, "inspect", "-nodes=false", m)
	if !strings.HasPrefix(out, short) || len(short) > len(out)/2 {
		t.Errorf("-nodes=false: got %q", short)
	}
	js, _ := infertest.Want(t, cli.OK, "inspect", "-json", m)
	var s struct {
		Bytes      int
		SHA256     string
		Parameters int
		MACs       int64
		Nodes      []struct{ MACs int64 }
	}
	if err := json.Unmarshal([]byte(js), &s); err != nil || strings.Count(js, "\n") != 1 {
		t.Fatalf("%v in %q", err, js)
	}
	params, macs, full := 0, int64(0), infertest.Model(t)
	for i := range full.Tensors {
		params += len(full.Tensors[i].Data)
	}
	for _, n := range s.Nodes {
		macs += n.MACs
	}
	info, _ := os.Stat(m)
	if s.Parameters != params || s.MACs != macs || macs == 0 || len(s.Nodes) != len(full.Graph.Nodes) || int64(s.Bytes) != info.Size() || len(s.SHA256) != 64 {
		t.Errorf("got %d parameters, %d multiply-adds, %d nodes, %d bytes", s.Parameters, s.MACs, len(s.Nodes), s.Bytes)
	}
}
