package onnx_test

import (
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/weights/onnx"
)

// Activations that are written in parts become one node, and what only looks like one
// does not. TestFormsGolden has the numbers.
func TestActivationsInParts(t *testing.T) {
	for name, want := range map[string]string{
		"silu":                         "silu",
		"silu-turned":                  "silu",
		"silu-by-exp":                  "silu",
		"hardswish":                    "hardswish",
		"hardswish-first-divided":      "hardswish",
		"hardswish-by-hardsigmoid":     "hardswish",
		"gelu":                         "gelu",
		"gelu-half-first":              "gelu",
		"gelu-tanh":                    "gelu",
		"mish":                         "mish",
		"of-a-relu":                    "relu silu",
		"read-elsewhere":               "sigmoid silu add",
		"no-known-one":                 "sigmoid tanh mul",
		"of-two-values":                "conv sigmoid mul",
		"quick-gelu":                   "affine sigmoid mul",
		"swish-of-a-factor-by-channel": "affine sigmoid mul",
	} {
		m, err := onnx.ReadFile("testdata/forms/op-parts-" + name + ".onnx")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := operators(m); got != "conv "+want+" gap flatten linear" {
			t.Errorf("%s: got operators %q, want %q between conv and gap", name, got, want)
		}
		for _, n := range m.Graph.Nodes {
			if tanh := n.Attr("tanh", 0)[0] == 1; tanh != (n.Op == "gelu" && strings.HasSuffix(name, "tanh")) {
				t.Errorf("%s: node %s has the attribute tanh %v", name, n.Name, tanh)
			}
		}
	}
}
