package explain_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

type routesRecord struct {
	File   string
	Routes []struct {
		Node       string
		Groups     int
		Factors    [2]int
		Sigma, Tau []int
		Channels   int
		Static     int `json:"not_as_static"`
		Usual      int `json:"not_as_usual"`
	}
}

// TestExplain: what is printed is what the operator's definition makes of sigma
// and tau, and pictures are routed differently.
func TestExplain(t *testing.T) {
	m, dir := infertest.DynamicFile(t), infertest.Tree(t, map[string]string{"a.png": "png1", "b.png": "png7"})
	out, _ := infertest.Want(t, cli.OK, "-m", m, "-json", "-explain", dir)
	var recs []routesRecord
	for line := range strings.Lines(out) {
		var r routesRecord
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		recs = append(recs, r)
	}
	if len(recs) != 2 || len(recs[0].Routes) != 16 || len(recs[1].Routes) != 16 {
		t.Fatalf("got %d records, want 2 of 16 routes", len(recs))
	}
	differ, moved := false, 0
	for _, rec := range recs {
		for k, r := range rec.Routes {
			if r.Groups*r.Factors[0]*r.Factors[1] != r.Channels {
				t.Fatalf("%s: %d groups of %v make no %d channels", r.Node, r.Groups, r.Factors, r.Channels)
			}
			// Slot (j, i) reads i*n + sigma(j/b)*b + tau(j mod b); the static shuffle reads i*n + j.
			n, b, other := r.Channels/r.Groups, r.Factors[1], 0
			for j := range n {
				if r.Sigma[j/b]*b+r.Tau[j%b] != j {
					other += r.Groups
				}
			}
			if r.Static != other || r.Usual != other {
				t.Errorf("%s: got %d and %d channels elsewhere, want %d", r.Node, r.Static, r.Usual, other)
			}
			moved += other
			differ = differ || !slices.Equal(r.Sigma, recs[0].Routes[k].Sigma) || !slices.Equal(r.Tau, recs[0].Routes[k].Tau)
		}
	}
	if !differ || moved == 0 {
		t.Error("both pictures chose the same permutations, or the identities")
	}
	text, _ := infertest.Want(t, cli.OK, "-m", m, "-k", "1", "-explain", filepath.Join(dir, "a.png"))
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) != 2+1+16 {
		t.Fatalf("got %d lines, want the name, a class, a heading and 16 layers:\n%s", len(lines), text)
	}
	for k, r := range recs[0].Routes {
		if l := lines[3+k]; !strings.Contains(l, r.Node) || !strings.Contains(l, fmt.Sprintf("%d (%d %%)", r.Static, (100*r.Static+r.Channels/2)/r.Channels)) {
			t.Errorf("got line %q, want %s with %d channels elsewhere", l, r.Node, r.Static)
		}
	}
	plain, _ := infertest.Want(t, cli.OK, "-m", m, "-json", filepath.Join(dir, "a.png"))
	if strings.Contains(plain, "routes") {
		t.Errorf("got routes that nobody asked for: %s", plain)
	}
}

func TestExplainStatic(t *testing.T) {
	m, dir := infertest.ModelFile(t, nil), infertest.Tree(t, map[string]string{"a.png": "png1"})
	text, _ := infertest.Want(t, cli.OK, "-m", m, "-explain", filepath.Join(dir, "a.png"))
	if !strings.Contains(text, "every shuffle of this network is fixed") {
		t.Errorf("got %q", text)
	}
	path := filepath.Join(t.TempDir(), "x.png")
	_, errs := infertest.Want(t, cli.Usage, "-m", m, "-explain-png", path, filepath.Join(dir, "a.png"))
	if _, err := os.Stat(path); err == nil || !strings.Contains(errs, "no dynamic shuffle") {
		t.Errorf("got %q and a file: %v", errs, err)
	}
}
