package kernels

import (
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

func TestSlower(t *testing.T) {
	rows := []report.Kernel{{Variant: "a", NS: 100, Min: 99, Chosen: true}, {Variant: "b", NS: 90, Min: 89}}
	if w := slower(rows); !strings.Contains(w, "b takes 90.00 ns") {
		t.Errorf("got %q, want b named", w)
	}
	rows[1].NS = 98
	if w := slower(rows); w != "" {
		t.Errorf("got %q, want no warning of 2 %%", w)
	}
}
