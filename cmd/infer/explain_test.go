package main

import (
	"encoding/json"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// dynamicFile writes a small dynamic network with random weights. Its layers'
// usual permutations are the identities.
func dynamicFile(t *testing.T) string {
	t.Helper()
	a, err := zoo.ParseArch("shufflenetv2:0.5x@32,shuffle=dynamic")
	if err != nil {
		t.Fatal(err)
	}
	m, err := zoo.Build(a)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		if n.Op != weights.OpDynamicShuffle {
			continue
		}
		var usual []int
		for range n.Attrs["pairs"][0] {
			for _, f := range n.Attrs["factors"] {
				for k := range f {
					usual = append(usual, k)
				}
			}
		}
		n.Attrs["usual"] = usual
	}
	like := testModel(t)
	m.Name, m.Labels, m.Preprocess = "routes", like.Labels, like.Preprocess
	path := filepath.Join(t.TempDir(), "routes.rfl")
	if err := weights.WriteFile(path, m); err != nil {
		t.Fatal(err)
	}
	return path
}

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
	m, dir := dynamicFile(t), tree(t, map[string]string{"a.png": "png1", "b.png": "png7"})
	out, _ := want(t, exitOK, "-m", m, "-json", "-explain", dir)
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
	text, _ := want(t, exitOK, "-m", m, "-k", "1", "-explain", filepath.Join(dir, "a.png"))
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) != 2+1+16 {
		t.Fatalf("got %d lines, want the name, a class, a heading and 16 layers:\n%s", len(lines), text)
	}
	for k, r := range recs[0].Routes {
		if l := lines[3+k]; !strings.Contains(l, r.Node) || !strings.Contains(l, share(r.Static, r.Channels)) {
			t.Errorf("got line %q, want %s with %d channels elsewhere", l, r.Node, r.Static)
		}
	}
	plain, _ := want(t, exitOK, "-m", m, "-json", filepath.Join(dir, "a.png"))
	if strings.Contains(plain, "routes") {
		t.Errorf("got routes that nobody asked for: %s", plain)
	}
}

// TestExplainPicture: a row of panels for each picture, each row of a matrix
// with one strong dot, in the column that the text tells.
func TestExplainPicture(t *testing.T) {
	m, dir := dynamicFile(t), tree(t, map[string]string{"a.png": "png1", "b.png": "png7"})
	path := filepath.Join(t.TempDir(), "routes.png")
	out, _ := want(t, exitOK, "-m", m, "-json", "-explain", "-explain-png", path, dir)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	strong := func(x, y int) bool {
		c := color.RGBAModel.Convert(img.At(x, y))
		return c == inkSame || c == inkOther
	}
	row := 0
	for line := range strings.Lines(out) {
		var rec routesRecord
		if err := json.Unmarshal([]byte(line), &rec); err != nil {
			t.Fatal(err)
		}
		x := gap
		side := 2 + 2*192 // the largest panel
		y := 2*lineSize + gap + row*(side+3*lineSize+gap) + 2*lineSize
		for _, r := range rec.Routes {
			cell := max(2, panelSide/r.Channels)
			n, b := r.Channels/r.Groups, r.Factors[1]
			for slot := range r.Channels {
				j, i := slot/r.Groups, slot%r.Groups
				from := i*n + r.Sigma[j/b]*b + r.Tau[j%b]
				for c := range r.Channels {
					if got := strong(x+1+cell*c, y+1+cell*slot); got != (c == from) {
						t.Fatalf("%s: row %d, column %d: dot %v, want column %d", r.Node, slot, c, got, from)
					}
				}
			}
			x += cell*r.Channels + 2 + gap
		}
		row++
	}
}

func TestExplainStatic(t *testing.T) {
	m, dir := modelFile(t, nil), tree(t, map[string]string{"a.png": "png1"})
	text, _ := want(t, exitOK, "-m", m, "-explain", filepath.Join(dir, "a.png"))
	if !strings.Contains(text, "every shuffle of this network is fixed") {
		t.Errorf("got %q", text)
	}
	path := filepath.Join(t.TempDir(), "x.png")
	_, errs := want(t, exitUsage, "-m", m, "-explain-png", path, filepath.Join(dir, "a.png"))
	if _, err := os.Stat(path); err == nil || !strings.Contains(errs, "no dynamic shuffle") {
		t.Errorf("got %q and a file: %v", errs, err)
	}
}
