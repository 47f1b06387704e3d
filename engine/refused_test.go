package engine

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/weights"
)

// one is a model of one node over an input of the given shape.
func one(op string, in []int, inputs int, attrs map[string][]int, tensors map[string][]int) *weights.Model {
	n := weights.Node{Name: "n", Op: op, Outputs: []string{"y"}, Attrs: attrs, Tensors: map[string]string{}}
	for range inputs {
		n.Inputs = append(n.Inputs, "x")
	}
	m := &weights.Model{Graph: weights.Graph{Inputs: []weights.Value{{Name: "x", Shape: in}}, Outputs: []string{"y"}}}
	for role, shape := range tensors {
		n.Tensors[role] = role
		m.Tensors = append(m.Tensors, weights.Tensor{Name: role, Shape: shape, Data: make([]float32, shape2(shape))})
	}
	m.Graph.Nodes = []weights.Node{n}
	m.Sort()
	return m
}

type (
	attrMap   = map[string][]int
	tensorMap = map[string][]int
)

// Every operator refuses what has no meaning: what divides is zero, what is
// too large, of another rank, missing, or one too many. The error names the node
// and says what was got and wanted.
func TestEveryOperatorRefuses(t *testing.T) {
	planes, vector := []int{6, 5, 4}, []int{6}
	conv := func(change func(a attrMap, t tensorMap)) *weights.Model {
		a := attrMap{"kernel": {3, 3}, "stride": {1, 1}, "pad": {1, 1, 1, 1}, "groups": {2}}
		tt := tensorMap{"weight": {4, 3, 3, 3}, "bias": {4}}
		change(a, tt)
		return one(weights.OpConv, planes, 1, a, tt)
	}
	pool := func(op string, change func(a attrMap)) *weights.Model {
		a := attrMap{"kernel": {2, 2}, "stride": {2, 2}, "pad": {0, 0, 0, 0}}
		change(a)
		return one(op, planes, 1, a, nil)
	}
	dynamic := func(op string, change func(a attrMap, t tensorMap)) *weights.Model {
		a := attrMap{"groups": {2}, "factors": {3, 1}, "pairs": {1}}
		tt := tensorMap{"w1": {8, 6}, "b1": {8}, "w2": {10, 8}, "b2": {10}}
		if op == weights.OpStaticDynamicShuffle {
			a["form"] = []int{0}
			tt["weight"], tt["gate"], tt["shift"] = []int{6, 3}, []int{6}, []int{6}
		}
		change(a, tt)
		return one(op, planes, 1, a, tt)
	}
	none := func(attrMap, tensorMap) {}
	for _, good := range []*weights.Model{
		conv(none), pool(weights.OpMaxPool, func(attrMap) {}), dynamic(weights.OpDynamicShuffle, none), dynamic(weights.OpStaticDynamicShuffle, none),
		dynamic(weights.OpStaticDynamicShuffle, func(a attrMap, t tensorMap) {
			a["form"] = []int{1}
			delete(t, "weight")
			delete(t, "gate")
			t["wa"], t["wb"], t["scale"] = []int{1, 3, 3}, []int{1, 1, 1}, []int{6}
		}),
	} {
		mustNew(t, good)
	}
	const huge = math.MaxInt32
	for _, c := range []struct {
		name string
		m    *weights.Model
		want string // in the error
	}{
		{"conv of a vector", one(weights.OpConv, vector, 1, attrMap{"kernel": {1, 1}}, tensorMap{"weight": {6, 6, 1, 1}}), "[C H W]"},
		{"conv: groups of zero", conv(func(a attrMap, _ tensorMap) { a["groups"] = []int{0} }), "groups"},
		{"conv: negative groups", conv(func(a attrMap, _ tensorMap) { a["groups"] = []int{-2} }), "groups"},
		{"conv: huge groups", conv(func(a attrMap, _ tensorMap) { a["groups"] = []int{huge} }), "groups"},
		{"conv: groups that do not divide the input", conv(func(a attrMap, _ tensorMap) { a["groups"] = []int{4} }), "divisor of the 6 input"},
		{"conv: groups that do not divide the output", conv(func(a attrMap, t tensorMap) { a["groups"] = []int{3}; t["weight"] = []int{4, 2, 3, 3} }), "divisor of the 4 output"},
		{"conv: dilation of zero", conv(func(a attrMap, _ tensorMap) { a["dilation"] = []int{0, 1} }), "dilation"},
		{"conv: huge stride", conv(func(a attrMap, _ tensorMap) { a["stride"] = []int{huge, 1} }), "stride"},
		{"conv: huge pad", conv(func(a attrMap, _ tensorMap) { a["pad"] = []int{huge, 0, 0, 0} }), "pad"},
		{"conv: kernel of zero", conv(func(a attrMap, _ tensorMap) { a["kernel"] = []int{0, 3} }), "kernel"},
		{"conv: no weight", conv(func(_ attrMap, t tensorMap) { delete(t, "weight") }), "weight"},
		{"conv: weight of rank 2", conv(func(_ attrMap, t tensorMap) { t["weight"] = []int{4, 27} }), "rank 4"},
		{"conv: a tensor too many", conv(func(_ attrMap, t tensorMap) { t["more"] = []int{1} }), "does not take"},
		{"affine: scale too short", one(weights.OpAffine, planes, 1, nil, tensorMap{"scale": {5}, "shift": {6}}), "scale"},
		{"affine: no shift", one(weights.OpAffine, planes, 1, nil, tensorMap{"scale": {6}}), "shift"},
		{"relu with an attribute", one(weights.OpReLU, planes, 1, attrMap{"slope": {1}}, nil), "does not take"},
		{"relu of two", one(weights.OpReLU, planes, 2, nil, nil), "2 inputs"},
		{"add of one", one(weights.OpAdd, planes, 1, nil, nil), "1 inputs, want 2"},
		{"mul of three", one(weights.OpMul, planes, 3, nil, nil), "3 inputs"},
		{"mul of two and a constant", one(weights.OpMul, planes, 2, nil, tensorMap{"value": {6, 1, 1}}), "3 inputs"},
		{"sub: a constant of another rank", one(weights.OpSub, planes, 1, nil, tensorMap{"value": {6}}), "rank 3"},
		{"div: a constant of another length", one(weights.OpDiv, planes, 1, nil, tensorMap{"value": {6, 2, 1}}), "[6x2x1]"},
		{"sigmoid with an attribute", one(weights.OpSigmoid, planes, 1, attrMap{"alpha": {1}}, nil), "does not take"},
		{"hardsigmoid without alpha", one(weights.OpHardSigmoid, planes, 1, nil, tensorMap{"beta": {1}}), "alpha"},
		{"gelu: tanh of 2", one(weights.OpGELU, planes, 1, attrMap{"tanh": {2}}, nil), "tanh"},
		{"leakyrelu: a slope for each channel", one(weights.OpLeakyReLU, planes, 1, nil, tensorMap{"slope": {6}}), "slope"},
		{"prelu: one slope", one(weights.OpPReLU, planes, 1, nil, tensorMap{"slope": {1}}), "slope"},
		{"elu of two", one(weights.OpELU, planes, 2, nil, tensorMap{"alpha": {1}}), "2 inputs"},
		{"clip: min of two numbers", one(weights.OpClip, planes, 1, nil, tensorMap{"min": {2}}), "min"},
		{"maximum of a vector", one(weights.OpGlobalMaxPool, vector, 1, nil, nil), "[C H W]"},
		{"matmul of vectors", one(weights.OpMatMul, vector, 2, nil, nil), "[C H W]"},
		{"matmul of one", one(weights.OpMatMul, planes, 1, nil, nil), "1 inputs, want 2"},
		{"matmul: sizes that do not go together", one(weights.OpMatMul, planes, 2, nil, nil), "20 columns and of 6 rows"},
		{"matmul: groups that do not divide", one(weights.OpMatMul, planes, 2, attrMap{"columnsb": {1}, "groups": {4}}, nil), "divisor of the 6"},
		{"matmul: columns of 2", one(weights.OpMatMul, planes, 2, attrMap{"columnsb": {2}}, nil), "columnsb"},
		{"rearrange: as many elements", one(weights.OpRearrange, planes, 1, attrMap{"shape": {6, 2, 2}, "dims": {6, 2, 3}, "strides": {20, 4, 1}}, nil), "36 elements, want 24"},
		{"rearrange: outside", one(weights.OpRearrange, planes, 1, attrMap{"shape": {6, 2, 2}, "dims": {6, 4}, "strides": {20, 8}}, nil), "0 to 124, want 0 to 119"},
		{"rearrange: below", one(weights.OpRearrange, planes, 1, attrMap{"shape": {6}, "dims": {6}, "strides": {-1}}, nil), "-5 to 0"},
		{"rearrange: products that overflow", one(weights.OpRearrange, planes, 1, attrMap{"shape": {huge, huge, huge}, "dims": {huge, huge, huge}, "strides": {0, 0, 0}}, nil), "shape"},
		{"rearrange: strides for some", one(weights.OpRearrange, planes, 1, attrMap{"shape": {6}, "dims": {6, 1}, "strides": {1}}, nil), "2 and 1"},
		{"rearrange: a dimension of 0", one(weights.OpRearrange, planes, 1, attrMap{"shape": {0}, "dims": {0}, "strides": {1}}, nil), "from 1 on"},
		{"rearrange: an index outside", one(weights.OpRearrange, planes, 1, attrMap{"shape": {2}, "index": {0, 120}}, nil), "entry 1"},
		{"rearrange: an index of another length", one(weights.OpRearrange, planes, 1, attrMap{"shape": {5}, "index": {0, 100}, "run": {2}}, nil), "4 elements, want 5"},
		{"pad of a vector", one(weights.OpPad, vector, 1, attrMap{"pad": {0, 0, 0, 1}}, nil), "[C H W]"},
		{"pad: negative", one(weights.OpPad, planes, 1, attrMap{"pad": {0, -1, 0, 1}}, nil), "pad"},
		{"pad: a mirror larger than the plane", one(weights.OpPad, planes, 1, attrMap{"pad": {5, 0, 0, 0}, "mode": {1}}, nil), "less than there are"},
		{"pad: channels of a mirror", one(weights.OpPad, planes, 1, attrMap{"channels": {1, 0}, "mode": {1}}, nil), "channels"},
		{"layernorm: scale of another length", one(weights.OpLayerNorm, planes, 1, nil, tensorMap{"scale": {5}, "shift": {6}, "epsilon": {1}}), "scale"},
		{"layernorm without epsilon", one(weights.OpLayerNorm, planes, 1, nil, tensorMap{"scale": {6}, "shift": {6}}), "epsilon"},
		{"groupnorm: groups that do not divide", one(weights.OpGroupNorm, planes, 1, attrMap{"groups": {4}}, tensorMap{"scale": {6}, "shift": {6}, "epsilon": {1}}), "divisor of the 6"},
		{"resize without a size", one(weights.OpResize, planes, 1, attrMap{"mode": {1}}, nil), "size"},
		{"resize: mode 2", one(weights.OpResize, planes, 1, attrMap{"size": {2, 2}, "mode": {2}}, nil), "mode"},
		{"resize to huge planes", one(weights.OpResize, planes, 1, attrMap{"size": {huge, 2}}, nil), "size"},
		{"split without sizes", one(weights.OpSplit, planes, 1, nil, nil), "sizes"},
		{"split: sizes of nothing", one(weights.OpSplit, planes, 1, attrMap{"sizes": {}}, nil), "whose sum is 6"},
		{"split: size of zero", one(weights.OpSplit, planes, 1, attrMap{"sizes": {0, 6}}, nil), "whose sum is 6"},
		{"split: sizes that overflow", one(weights.OpSplit, planes, 1, attrMap{"sizes": {huge, huge, 8}}, nil), "whose sum is 6"},
		{"split: too little", one(weights.OpSplit, planes, 1, attrMap{"sizes": {5}}, nil), "whose sum is 6"},
		{"slice: step of zero", one(weights.OpSlice, planes, 1, attrMap{"range": {0, 6, 0}}, nil), "step >= 1"},
		{"slice: empty", one(weights.OpSlice, planes, 1, attrMap{"range": {3, 3, 1}}, nil), "start < stop"},
		{"slice: stop outside", one(weights.OpSlice, planes, 1, attrMap{"range": {0, 7, 1}}, nil), "range"},
		{"slice: negative start", one(weights.OpSlice, planes, 1, attrMap{"range": {-1, 6, 1}}, nil), "range"},
		{"shuffle without a permutation", one(weights.OpShuffle, planes, 1, nil, nil), "perm"},
		{"shuffle: negative entry", one(weights.OpShuffle, planes, 1, attrMap{"perm": {0, 1, 2, 3, 4, -1}}, nil), "entry 5"},
		{"shuffle: not one to one", one(weights.OpShuffle, planes, 1, attrMap{"perm": {0, 1, 2, 3, 3, 5}}, nil), "no bijection"},
		{"pool: stride of zero", pool(weights.OpMaxPool, func(a attrMap) { a["stride"] = []int{0, 2} }), "stride"},
		{"pool: pad as large as the kernel", pool(weights.OpMaxPool, func(a attrMap) { a["pad"] = []int{2, 0, 0, 0} }), "less than the kernel"},
		{"pool: ceil of 2", pool(weights.OpMaxPool, func(a attrMap) { a["ceil"] = []int{2} }), "ceil"},
		{"pool: countpad of a maximum", pool(weights.OpMaxPool, func(a attrMap) { a["countpad"] = []int{1} }), "does not take"},
		{"pool: ceil past counted padding", pool(weights.OpAvgPool, func(a attrMap) {
			a["ceil"], a["countpad"], a["pad"], a["kernel"] = []int{1}, []int{1}, []int{0, 1, 0, 0}, []int{2, 3}
		}), "past the padding"},
		{"pool of a vector", one(weights.OpAvgPool, vector, 1, attrMap{"kernel": {1, 1}}, nil), "[C H W]"},
		{"mean of a vector", one(weights.OpGlobalAvgPool, vector, 1, nil, nil), "[C H W]"},
		{"linear: weight of rank 3", one(weights.OpLinear, vector, 1, nil, tensorMap{"weight": {2, 6, 1}}), "rank 2"},
		{"linear: weight of another length", one(weights.OpLinear, vector, 1, nil, tensorMap{"weight": {2, 5}}), "2x6"},
		{"dynamic: groups of zero", dynamic(weights.OpDynamicShuffle, func(a attrMap, _ tensorMap) { a["groups"] = []int{0} }), "groups"},
		{"dynamic: factors of zero", dynamic(weights.OpDynamicShuffle, func(a attrMap, _ tensorMap) { a["factors"] = []int{0, 1} }), "factors"},
		{"dynamic: factors that overflow", dynamic(weights.OpDynamicShuffle, func(a attrMap, _ tensorMap) { a["factors"] = []int{huge, huge} }), "factors"},
		{"dynamic: groups and factors of another product", dynamic(weights.OpDynamicShuffle, func(a attrMap, _ tensorMap) { a["groups"] = []int{3} }), "9 channels, want 6"},
		{"dynamic: pairs between 1 and groups", dynamic(weights.OpDynamicShuffle, func(a attrMap, _ tensorMap) { a["pairs"] = []int{3} }), "pairs"},
		{"dynamic: no b1", dynamic(weights.OpDynamicShuffle, func(_ attrMap, t tensorMap) { delete(t, "b1") }), "b1"},
		{"dynamic: w2 of another length", dynamic(weights.OpDynamicShuffle, func(_ attrMap, t tensorMap) { t["w2"] = []int{9, 8} }), "w2"},
		{"dynamic of a vector", one(weights.OpDynamicShuffle, vector, 1, nil, nil), "[C H W]"},
		{"static-dynamic: form 2", dynamic(weights.OpStaticDynamicShuffle, func(a attrMap, _ tensorMap) { a["form"] = []int{2} }), "form"},
		{"static-dynamic: kronecker without its matrices", dynamic(weights.OpStaticDynamicShuffle, func(a attrMap, _ tensorMap) { a["form"] = []int{1} }), "wa"},
		{"static-dynamic: gate too short", dynamic(weights.OpStaticDynamicShuffle, func(_ attrMap, t tensorMap) { t["gate"] = []int{5} }), "gate"},
	} {
		_, err := New(c.m)
		var me *ModelError
		if !errors.As(err, &me) || !errors.Is(err, ErrModel) || me.Node != "n" {
			t.Errorf("%s: got %v, want a ModelError at node n", c.name, err)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %q, want one line that says %q", c.name, err, c.want)
		}
	}
	// Concat, whose inputs must differ in shape to be wrong.
	m := one(weights.OpConcat, planes, 1, nil, nil)
	m.Graph.Nodes = append([]weights.Node{{Name: "g", Op: weights.OpGlobalAvgPool, Inputs: []string{"x"}, Outputs: []string{"g"}}}, m.Graph.Nodes...)
	m.Graph.Nodes[1].Inputs = []string{"x", "g"}
	if _, err := New(m); !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), "but for channels") {
		t.Errorf("concat: got %v", err)
	}
	m.Graph.Nodes[0].Op, m.Graph.Nodes[0].Attrs = weights.OpSlice, map[string][]int{"range": {0, 4, 1}}
	m.Graph.Nodes[1].Op = weights.OpAdd
	if _, err := New(m); !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), "[6x5x4] and [4x5x4], want each dimension equal") {
		t.Errorf("add: got %v", err)
	}
	wide := one(weights.OpConcat, []int{1 << 20, 1, 1}, 20, nil, nil)
	if _, err := New(wide); !errors.Is(err, ErrLimit) {
		t.Errorf("a concat of 20 million channels: got %v, want ErrLimit", err)
	}
}

// Limits of the file reach the reader through Load and its kin.
func TestFileLimits(t *testing.T) {
	b, err := tiny().Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LoadBytes(b, WithFileLimits(weights.WithMaxFile(len(b))), WithFileLimits(weights.WithMaxDims(4))); err != nil {
		t.Error(err)
	}
	for _, o := range []weights.Option{weights.WithMaxFile(len(b) - 1), weights.WithMaxDims(3), weights.WithMaxTensors(3), weights.WithMaxNodes(4), weights.WithMaxElements(100)} {
		if _, err := LoadBytes(b, WithFileLimits(o)); !errors.Is(err, weights.ErrLimit) {
			t.Errorf("got %v, want ErrLimit", err)
		}
	}
}

// Inputs that are no numbers, or huge, are numbers like others: no panic, and
// permutations that are permutations.
func TestSpecialInputs(t *testing.T) {
	for _, m := range []*weights.Model{tinyDynamic(), build(t, "shufflenetv2:0.5x@32,pointwise=kronecker,shuffle=dynamic"), build(t, "mobilenetv2:0.35x@32")} {
		forEachSet(t, func(t *testing.T, isa string) {
			e := mustNew(t, m, WithISA(isa))
			s, err := e.NewSession()
			if err != nil {
				t.Fatal(err)
			}
			want := runAll(t, e, randomInput(e.plan.InLen, 1))
			nan, inf := float32(math.NaN()), float32(math.Inf(1))
			for _, v := range []float32{nan, inf, -inf, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, float32(math.Copysign(0, -1))} {
				in, out := slices.Repeat([]float32{v}, e.plan.InLen), make([]float32, e.plan.OutLen)
				if err := s.Run(t.Context(), out, in); err != nil {
					t.Fatal(err)
				}
				if v != v && !slices.ContainsFunc(out, func(x float32) bool { return x != x }) {
					t.Error("a NaN got lost")
				}
				for _, p := range s.Permutations() {
					pi := p.Channels()
					if err := graph.CheckBijection(pi, len(pi)); err != nil {
						t.Errorf("input of %v: %v", v, err)
					}
				}
			}
			out := make([]float32, e.plan.OutLen)
			if err := s.Run(t.Context(), out, randomInput(e.plan.InLen, 1)); err != nil || !slices.Equal(out, want) {
				t.Errorf("the run after: %v, or other bits", err)
			}
		})
	}
}
