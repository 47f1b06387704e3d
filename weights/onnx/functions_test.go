package onnx_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/weights/onnx"
	"google.golang.org/protobuf/encoding/protowire"
)

// function is a FunctionProto of the domain f: one input a, one output b, and nodes
// "OPERATOR IN OUT", those of the domain f as "f.NAME IN OUT".
func function(name string, nodes ...string) []byte {
	f := blob(blob(blob(blob([]byte(nil), 1, name), 10, "f"), 4, "a"), 5, "b")
	for _, n := range nodes {
		w := strings.Fields(n)
		_, _, tag := protowire.ConsumeTag((&file{}).node(w[0], w[1], w[2]).nodes)
		node, _ := protowire.ConsumeBytes((&file{}).node(w[0], w[1], w[2]).nodes[tag:])
		f = blob(f, 7, node)
	}
	return f
}

// withFunctions appends functions to a file's bytes.
func withFunctions(f *file, functions ...[]byte) []byte {
	b := f.bytes()
	for _, x := range functions {
		b = blob(b, 25, x)
	}
	return b
}

func TestFunctionsThatNeverEnd(t *testing.T) {
	call := func() *file { return image(13).node("f.f0", "x", "y").out("y") }
	chain := func(n, calls int) (fs [][]byte) { // f0 calls f1 several times, and so on
		for i := range n {
			var nodes []string
			in := "a"
			for k := range calls {
				out := fmt.Sprintf("t%d", k)
				if k == calls-1 {
					out = "b"
				}
				nodes = append(nodes, fmt.Sprintf("f.f%d %s %s", i+1, in, out))
				in = out
			}
			fs = append(fs, function(fmt.Sprintf("f%d", i), nodes...))
		}
		return append(fs, function(fmt.Sprintf("f%d", n), "Relu a b"))
	}
	for _, c := range []struct {
		name string
		b    []byte
		ok   bool
	}{
		{"a function", withFunctions(call(), function("f0", "Relu a b")), true},
		{"a chain of 20", withFunctions(call(), chain(20, 1)...), true},
		{"a chain of 100", withFunctions(call(), chain(100, 1)...), false},
		{"one that calls itself", withFunctions(call(), function("f0", "f.f0 a b")), false},
		{"two that call each other", withFunctions(call(), function("f0", "f.f1 a b"), function("f1", "f.f0 a b")), false},
		{"2^5 calls", withFunctions(call(), chain(5, 2)...), true},
		{"2^30 calls", withFunctions(call(), chain(30, 2)...), false},
		{"long names, often", withFunctions(call(), append(chain(12, 2)[:12], function("f12", "Relu a "+strings.Repeat("long", 1<<16), "Relu "+strings.Repeat("long", 1<<16)+" b"))...), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var err error
			if c.ok {
				_, err = onnx.Import(c.b)
			} else {
				err = within(t, c.b, 2*time.Second, 256<<20)
			}
			var e *onnx.Error
			if c.ok && err != nil || !c.ok && (!errors.As(err, &e) || !errors.Is(err, onnx.ErrUnsupported)) {
				t.Errorf("got %v, want an Error: %v", err, !c.ok)
			}
		})
	}
}

// graphAttr is an attribute with a graph of one node and one output.
func graphAttr(name, op, in, out string) []byte {
	g := (&file{}).node(op, in, out).nodes
	g = blob(g, 12, blob([]byte(nil), 1, out))
	return vint(blob(blob([]byte(nil), 1, name), 6, g), 20, 5)
}

func TestBranchesThatAreNotTaken(t *testing.T) {
	branches := func(f *file, cond string) *file {
		return f.node("If", cond, "y", graphAttr("then_branch", "Relu", "x", "t"), graphAttr("else_branch", "Mystery", "x", "e")).out("y")
	}
	yes := func() *file { return image(13).tensor("yes", int64Type, nil, 1) }
	no := func() *file { return image(13).tensor("no", int64Type, nil, 0) }
	if _, err := onnx.Import(branches(yes(), "yes").bytes()); err != nil {
		t.Errorf("an unknown operator in the branch that is not taken: %v", err)
	}
	for name, c := range map[string]struct {
		f   *file
		has string
	}{
		"in the branch that is taken":  {branches(no(), "no"), "Mystery"},
		"a condition that is computed": {branches(image(13).node("ReduceMean", "x", "m", attrInts("axes", 2, 3)), "m"), "constant"},
		"no such branch":               {yes().node("If", "yes", "y", graphAttr("else_branch", "Relu", "x", "e")).out("y"), "then_branch"},
		"an output that nothing makes": {yes().node("If", "yes", "y", vint(blob(blob([]byte(nil), 1, "then_branch"), 6, blob([]byte(nil), 12, blob([]byte(nil), 1, "q"))), 20, 5)).out("y"), `"q"`},
		"a loop":                       {image(13).node("Loop", "x x x", "y", graphAttr("body", "Relu", "x", "t")).out("y"), "Loop"},
	} {
		if _, err := onnx.Import(c.f.bytes()); err == nil || !strings.Contains(err.Error(), c.has) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.has)
		}
	}
}

// Graphs within graphs end somewhere.
func TestGraphsWithinGraphs(t *testing.T) {
	g := (&file{}).node("Relu", "x", "t").nodes
	for range 1000 {
		attr := vint(blob(blob([]byte(nil), 1, "then_branch"), 6, g), 20, 5)
		g = (&file{}).node("If", "x", "t", attr).nodes
		if len(g) > 1<<20 {
			break
		}
	}
	f := image(13).out("t")
	f.nodes = g
	err := within(t, f.bytes(), 2*time.Second, 256<<20)
	if !errors.Is(err, onnx.ErrUnsupported) {
		t.Errorf("got %v, want ErrUnsupported", err)
	}
}
