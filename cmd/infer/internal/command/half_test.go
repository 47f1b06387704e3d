package command_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/kernel"
)

// TestHalf: -half runs where the set has float16 arithmetic, or emulates it, and is a
// wrong flag elsewhere, with the reason.
func TestHalf(t *testing.T) {
	m := infertest.ModelFile(t, nil)
	picture := filepath.Join(infertest.Tree(t, map[string]string{"x.png": string(infertest.Drawing(t, 1))}), "x.png")
	for _, s := range kernel.Sets() {
		status, reason := 0, ""
		if err := s.HalfArithmetic(); err != nil {
			status, reason = cli.Usage, "-half: "+err.Error()
		}
		if _, errs := infertest.Want(t, status, "-m", m, "-half", "-isa", s.Name, picture); !strings.Contains(errs, reason) {
			t.Errorf("%s: got %q, want it to say %q", s.Name, errs, reason)
		}
		infertest.Want(t, 0, "-m", m, "-half=false", "-isa", s.Name, picture)
	}
}
