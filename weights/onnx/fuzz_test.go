package onnx_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// seeds are the small files of testdata, and some built by hand.
func seeds(tb testing.TB) [][]byte {
	tb.Helper()
	var all [][]byte
	paths, err := filepath.Glob("testdata/*.onnx")
	forms, err2 := filepath.Glob("testdata/forms/*.onnx")
	integers, err3 := filepath.Glob("testdata/integers/*.onnx")
	if err := errors.Join(err, err2, err3); err != nil {
		tb.Fatal(err)
	}
	paths = slices.Concat(paths, forms, integers)
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			tb.Fatal(err)
		}
		if len(b) < 8<<10 {
			all = append(all, b)
		}
	}
	for _, f := range []*file{
		pointwiseQDQ(uint8Type, 128), pointwiseQDQ(int8Type, 0), between(twins["conv"].tensors, twins["conv"].integers),
		dynamicFile("riffle.DynamicShuffle"), dynamicFile("riffle.StaticDynamicShuffle0"), dynamicFile("riffle.StaticDynamicShuffle1", attrInt("form", 1)),
		image(18).ints("axes", 2, 3).node("ReduceMean", "x axes", "y", attrInt("keepdims", 0)).out("y"),
		image(18).node("Split", "x", "a b", attrInt("axis", 1), attrInt("num_outputs", 2)).node("Concat", "b a", "y", attrInt("axis", 1)).out("y"),
		image(21).ints("p", 0, 0, 1, 0, 0, 0, 2, 1).floats("w", 4, 6, 3, 3).node("Pad", "x p", "z").node("Conv", "z w", "y").out("y"),
		image(13).node("Constant", "_", "s", attrInts("value_ints", 1, -1)).node("Reshape", "x s", "y").out("y"),
		image(13).node("Shape", "x", "s").node("Gather", "s k", "d").ints("k", 0, 1).node("ReduceProd", "d", "p").node("Reshape", "x s", "y").out("y"),
		image(13).tensor("lo", float32Type, nil, 0).tensor("hi", float32Type, nil, 6).node("Clip", "x lo hi", "y").out("y"),
		image(13).ints("n", 3).node("SplitToSequence", "x n", "q", attrInt("axis", 1)).ints("i", 1).node("SequenceAt", "q i", "y").out("y"),
		newFile(13, 1, 4).tensor("a", int64Type, nil, 0).tensor("b", int64Type, nil, 4).tensor("c", int64Type, nil, 1).node("Range", "a b c", "s").node("Gather", "x s", "y", attrInt("axis", 1)).out("y"),
	} {
		all = append(all, f.bytes())
	}
	return all
}

// checkImport holds what is true of any bytes: no panic, an Error or a model, and
// of a model that Export writes it and Import reads it back as the same network.
func checkImport(t *testing.T, b []byte) {
	m, err := onnx.Import(b)
	if err != nil {
		var e *onnx.Error
		if !errors.As(err, &e) || strings.ContainsAny(err.Error(), "\n\r") || len(err.Error()) > 8<<10 {
			t.Fatalf("got %T %q, want an *onnx.Error of one line", err, err)
		}
		return
	}
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	if !small(m) {
		return
	}
	e, err := engine.New(m, engine.WithThreads(1), engine.WithMaxActivations(1<<24))
	if err != nil {
		return // the engine has limits of its own
	}
	defer e.Close()
	if m.Quantized() {
		checkQuantized(t, m)
		return
	}
	c, err := onnx.Export(m, onnx.WithCustomDomain())
	if err != nil {
		t.Fatalf("export of what the engine takes: %v", err)
	}
	again, err := onnx.Import(c)
	if err != nil {
		t.Fatalf("import of the export: %v", err)
	}
	for _, n := range m.Graph.Nodes {
		if f := n.Attrs["factors"]; f != nil && max(f[0], f[1]) > 6 {
			return // more permutations than the oracle can try
		}
	}
	x := random(inputLen(m))
	want := oracle.Output(m, x, nil)
	for _, v := range want {
		if !(v > -1e30 && v < 1e30) {
			return
		}
	}
	if d := relative(oracle.Output(again, x, nil), want); !(d <= 1e-4) {
		t.Fatalf("export and import again: relative error %.3g: %s, then %s", d, operators(m), operators(again))
	}
}

// checkQuantized holds what is true of a quantized model that the engine takes: every set
// computes the same bits, Export writes it or says why not, and what it writes can be read.
func checkQuantized(t *testing.T, m *weights.Model) {
	var want []float32
	for _, isa := range engine.Sets() {
		got := logits(t, m, random(inputLen(m)), engine.WithISA(isa), engine.WithThreads(1))
		if want == nil {
			want = got
		}
		for i, v := range got {
			if math.Float32bits(v) != math.Float32bits(want[i]) && v == v {
				t.Fatalf("%s: element %d is %v, on %s %v: %s", isa, i, v, engine.Sets()[0], want[i], operators(m))
			}
		}
	}
	c, err := onnx.Export(m, onnx.WithCustomDomain())
	if err != nil {
		var e *onnx.Error
		if !errors.As(err, &e) {
			t.Fatalf("got %T %v, want an *onnx.Error", err, err)
		}
		return
	}
	if _, err := onnx.Import(c); err != nil {
		t.Fatalf("import of the export: %v: %s", err, operators(m))
	}
}

// small says whether the oracle runs m in no time.
func small(m *weights.Model) bool {
	work := inputLen(m)
	for _, t := range m.Tensors {
		work += len(t.Data)
	}
	for _, n := range m.Graph.Nodes {
		for _, k := range n.Attrs["kernel"] {
			work *= max(1, min(k, 1<<10))
		}
		if work > 1<<22 {
			return false
		}
		for _, k := range n.Attrs["pad"] {
			work += k * k
		}
	}
	return work <= 1<<18 && len(m.Graph.Nodes) < 100
}

// FuzzImport is for bytes of any kind.
func FuzzImport(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { checkImport(t, b) })
}

// FuzzImportEdits changes well-formed files in ways that leave them well-formed:
// numbers, names, missing, doubled and moved fields.
func FuzzImportEdits(f *testing.F) {
	all := seeds(f)
	for i := range all {
		f.Add(uint16(i), uint64(i), uint8(1+i%4))
	}
	f.Fuzz(func(t *testing.T, seed uint16, random uint64, edits uint8) {
		rng := rand.New(rand.NewPCG(random, 1))
		b := all[int(seed)%len(all)]
		for range edits%8 + 1 {
			b = edit(b, "model", rng)
		}
		checkImport(t, b)
	})
}

// messages says which fields of a message are messages.
var messages = map[string]map[protowire.Number]string{
	"model":  {7: "graph", 8: "opset"},
	"graph":  {1: "node", 5: "tensor", 11: "value", 12: "value"},
	"node":   {5: "attr"},
	"attr":   {5: "tensor"},
	"value":  {2: "type"},
	"type":   {1: "tensortype"},
	"shape":  {1: "dim"},
	"opset":  {},
	"tensor": {}, "dim": {},
	"tensortype": {2: "shape"},
}

// edit makes one random change to a message or to one inside it.
func edit(b []byte, kind string, rng *rand.Rand) []byte {
	type field struct {
		num  protowire.Number
		typ  protowire.Type
		v    []byte // without the tag
		body []byte // of bytes
	}
	var all []field
	for rest := b; len(rest) > 0; {
		num, typ, n := protowire.ConsumeTag(rest)
		if n < 0 {
			return b
		}
		k := protowire.ConsumeFieldValue(num, typ, rest[n:])
		if k < 0 {
			return b
		}
		f := field{num: num, typ: typ, v: rest[n : n+k]}
		if typ == protowire.BytesType {
			f.body, _ = protowire.ConsumeBytes(f.v)
		}
		all = append(all, f)
		rest = rest[n+k:]
	}
	if len(all) == 0 {
		return vint(nil, protowire.Number(1+rng.IntN(20)), numbers[rng.IntN(len(numbers))])
	}
	i := rng.IntN(len(all))
	if kind == "model" { // mostly the graph
		for k := range all {
			if all[k].num == 7 && rng.IntN(8) > 0 {
				i = k
			}
		}
	}
	f := &all[i]
	bytesOf := func(p []byte) []byte { return protowire.AppendBytes(nil, p) }
	inner := messages[kind][f.num]
	switch {
	case inner != "" && rng.IntN(8) > 0:
		f.v = bytesOf(edit(f.body, inner, rng))
	case rng.IntN(6) == 0: // gone
		all = append(all[:i:i], all[i+1:]...)
	case rng.IntN(6) == 0: // twice
		all = append(all[:i+1:i+1], all[i:]...)
	case rng.IntN(4) == 0: // in place of another
		j := rng.IntN(len(all))
		all[i].v, all[j].v, all[i].typ, all[j].typ = all[j].v, all[i].v, all[j].typ, all[i].typ
	case f.typ == protowire.VarintType:
		f.v = protowire.AppendVarint(nil, uint64(numbers[rng.IntN(len(numbers))]))
	case f.typ == protowire.Fixed32Type:
		f.v = protowire.AppendFixed32(nil, uint32(rng.Uint64()>>rng.IntN(64)))
	case f.typ == protowire.BytesType && kind == "node" && f.num == 4:
		f.v = bytesOf([]byte(onnx.Supported()[rng.IntN(len(onnx.Supported()))]))
	case f.typ == protowire.BytesType && (f.num == 1 || f.num == 2 || f.num == 8) && rng.IntN(2) == 0: // another's name
		names := strings.Fields("x y z a b c w k s axes onnx::Conv_1 pads axis kernel_shape strides")
		f.v = bytesOf([]byte(names[rng.IntN(len(names))]))
	case f.typ == protowire.BytesType && len(f.body) > 0:
		p := append([]byte(nil), f.body...)
		switch rng.IntN(3) {
		case 0:
			p = p[:rng.IntN(len(p))]
		case 1:
			p[rng.IntN(len(p))] ^= 1 << rng.IntN(8)
		default: // little-endian 64-bit numbers, and packed ones
			p = protowire.AppendFixed64(p[:len(p)/8*8/2], uint64(numbers[rng.IntN(len(numbers))]))
		}
		f.v = bytesOf(p)
	}
	var out []byte
	for _, f := range all {
		out = append(protowire.AppendTag(out, f.num, f.typ), f.v...)
	}
	return out
}

var numbers = []int64{
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 20, 24, 32, 60, 64, 120, 255, 256, 1000, 4095, 4096, 4097, 65535, 65536, 1 << 20, 1<<28 - 1, 1 << 28,
	1<<31 - 1, 1 << 31, 1 << 32, 1 << 40, 1<<62 - 1, 1 << 62, 1<<63 - 1, -1, -2, -3, -4, -120, -1 << 31, -1 << 63,
}
