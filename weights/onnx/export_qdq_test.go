package onnx_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/quantize"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// noiseSamples are seeded inputs.
type noiseSamples struct{ n, size int }

func (s noiseSamples) Len() int { return s.n }

func (s noiseSamples) Read(i int, dst []float32) error {
	rng := rand.New(rand.NewPCG(8, uint64(i)))
	for k := range dst {
		dst[k] = float32(rng.NormFloat64())
	}
	return nil
}

func quantized(t *testing.T, spec string) *weights.Model {
	t.Helper()
	m := buildZoo(t, spec)
	m8, _, err := quantize.Model(context.Background(), m, noiseSamples{4, inputLen(m)}, quantize.Options{})
	if err != nil {
		t.Fatalf("%s: %v", spec, err)
	}
	return m8
}

func logits(t *testing.T, m *weights.Model, x []float32, opts ...engine.Option) []float32 {
	t.Helper()
	e, err := engine.New(m, opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	s, err := e.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	y := make([]float32, e.Info().OutputLen())
	if err := s.Run(context.Background(), y, x); err != nil {
		t.Fatal(err)
	}
	return y
}

// noise is the power of the difference as a share of that of want.
func noise(got, want []float32) float64 {
	var d, p float64
	for i, w := range want {
		d += float64(got[i]-w) * float64(got[i]-w)
		p += float64(w) * float64(w)
	}
	return d / p
}

// What ONNX Runtime computes from the QDQ model is what riffle computes from its own, but
// for the scales that ONNX has per value and not per channel, and for what it rounds
// between a layer and a sum. RIFFLE_PEERS names a Python that has onnxruntime.
func TestQDQRuntime(t *testing.T) {
	python := os.Getenv("RIFFLE_PEERS")
	if python == "" {
		t.Skip("RIFFLE_PEERS is not set: it names a Python that has onnxruntime")
	}
	for _, c := range []struct {
		spec  string
		bound float64
	}{
		{"mobilenetv1:0.5x@64", 1e-9}, {"mobilenetv2:0.5x@64", 5e-3}, {"shufflenetv2:0.5x@64", 2e-3}, {"shufflenetv1:0.5x@64,g=3", 2e-3},
	} {
		t.Run(c.spec, func(t *testing.T) {
			m := quantized(t, c.spec)
			b, err := onnx.Export(m)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "m.onnx")
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			x := make([]float32, inputLen(m))
			if err := (noiseSamples{}).Read(99, x); err != nil {
				t.Fatal(err)
			}
			want := logits(t, m, x)
			if e := noise(runORT(t, python, path, x), want); !(e <= c.bound) {
				t.Errorf("got noise of %.3g of the logits' power, want at most %g", e, c.bound)
			} else {
				t.Logf("noise %.3g of the logits' power", e)
			}
		})
	}
}

// What ONNX Runtime's quantizer makes of a network in its format QOperator is imported as
// integers and computes what ONNX Runtime does.
func TestIntegersRuntime(t *testing.T) {
	python := os.Getenv("RIFFLE_PEERS")
	if python == "" {
		t.Skip("RIFFLE_PEERS is not set: it names a Python that has onnxruntime")
	}
	for _, spec := range []string{"mobilenetv2:0.5x@64", "shufflenetv2:0.5x@64"} {
		t.Run(spec, func(t *testing.T) {
			b, err := onnx.Export(buildZoo(t, spec))
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			from, to := filepath.Join(dir, "m.onnx"), filepath.Join(dir, "m8.onnx")
			if err := os.WriteFile(from, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(python, "-c", quantizeProgram, from, to).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			m, err := onnx.ReadFile(to)
			if err != nil {
				t.Fatal(err)
			}
			counts := map[string]int{}
			for _, n := range m.Graph.Nodes {
				counts[n.Op]++
			}
			if counts[weights.OpConv] > 0 || counts[weights.OpLinear] > 0 || counts[weights.OpQConv] < 20 {
				t.Errorf("got %v, want every layer quantized", counts)
			}
			x := make([]float32, inputLen(m))
			if err := (noiseSamples{}).Read(99, x); err != nil {
				t.Fatal(err)
			}
			if e := noise(logits(t, m, x), runORT(t, python, to, x)); !(e <= 1e-3) {
				t.Errorf("got noise of %.3g of the logits' power, want at most 1e-3", e)
			} else {
				t.Logf("noise %.3g of the logits' power", e)
			}
		})
	}
}

const quantizeProgram = `
import sys, numpy, onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
i = onnx.load(sys.argv[1]).graph.input[0]
shape = [d.dim_value or 1 for d in i.type.tensor_type.shape.dim]
class Reader(CalibrationDataReader):
    def __init__(self):
        rng = numpy.random.default_rng(3)
        self.items = iter([{i.name: rng.standard_normal(shape).astype("f4")} for _ in range(4)])
    def get_next(self):
        return next(self.items, None)
quantize_static(sys.argv[1], sys.argv[2], Reader(), quant_format=QuantFormat.QOperator, per_channel=True,
    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
`

const ortProgram = `
import sys, numpy, onnxruntime
o = onnxruntime.SessionOptions()
o.intra_op_num_threads = 1
s = onnxruntime.InferenceSession(sys.argv[1], o, providers=["CPUExecutionProvider"])
i = s.get_inputs()[0]
x = numpy.frombuffer(sys.stdin.buffer.read(), "<f4").reshape(i.shape)
sys.stdout.buffer.write(s.run(None, {i.name: x})[0].astype("<f4").tobytes())
`

func runORT(t *testing.T, python, path string, x []float32) []float32 {
	t.Helper()
	p := exec.Command(python, "-c", ortProgram, path)
	in, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer in.Close()
		_ = binary.Write(in, binary.LittleEndian, x)
	}()
	b, err := p.Output()
	if err != nil {
		var e *exec.ExitError
		if errors.As(err, &e) {
			t.Fatalf("%v: %s", err, e.Stderr)
		}
		t.Fatal(err)
	}
	y := make([]float32, len(b)/4)
	for i := range y {
		y[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return y
}

// Every quantized operator is written, also where its channels have several scales, and
// what is no quantized model is an error.
func TestExportQDQ(t *testing.T) {
	for _, spec := range slices.Concat(static, dynamic) {
		m := quantized(t, spec)
		b, err := onnx.Export(m, onnx.WithCustomDomain())
		if err != nil {
			t.Errorf("%s: %v", spec, err)
			continue
		}
		again, err := onnx.Export(m, onnx.WithCustomDomain())
		if err != nil || string(again) != string(b) {
			t.Errorf("%s: exported again: got other bytes, or %v", spec, err)
		}
		for i := range m.Graph.Nodes { // whatever is wrong of a node, the export ends, and names it
			for k := range 3 {
				c := clone(m)
				n := &c.Graph.Nodes[i]
				switch k {
				case 0:
					n.Quant = nil
				case 1:
					n.Tensors = nil
				case 2:
					n.Attrs = map[string][]int{"clamp": {9, 3}}
				}
				_, err := onnx.Export(c, onnx.WithCustomDomain())
				var e *onnx.Error
				if err != nil && (!errors.As(err, &e) || e.Node == "" && !errors.Is(err, onnx.ErrInvalid)) {
					t.Errorf("%s, node %q, change %d: got %v, want an *onnx.Error", spec, n.Name, k, err)
				}
			}
		}
	}
}

// What was written as QDQ is read again as operators on bytes, dynamic shuffles too.
func TestQDQDynamicRoundTrip(t *testing.T) {
	for _, spec := range []string{dynamic[0], dynamic[1], dynamic[2]} {
		m := quantized(t, spec)
		b, err := onnx.Export(m, onnx.WithCustomDomain())
		if err != nil {
			t.Fatalf("%s: %v", spec, err)
		}
		back, err := onnx.Import(b)
		if err != nil {
			t.Fatalf("%s: %v", spec, err)
		}
		bytes := map[string]bool{}
		for i := range back.Graph.Nodes {
			n := &back.Graph.Nodes[i]
			switch n.Op {
			case weights.OpConv, weights.OpStaticDynamicShuffle:
				t.Errorf("%s: node %q is a %s of float32", spec, n.Name, n.Op)
			case weights.OpDynamicShuffle:
				if !bytes[n.Inputs[0]] {
					t.Errorf("%s: node %q permutes float32", spec, n.Name)
				}
			}
			for _, o := range n.Outputs { // a move makes what it reads
				bytes[o] = len(n.Quant) > 0 || len(n.Inputs) > 0 && bytes[n.Inputs[0]] && n.Op != weights.OpDequantize && n.Op != weights.OpGlobalAvgPool
			}
		}
		x := make([]float32, inputLen(m))
		if err := (noiseSamples{}).Read(7, x); err != nil {
			t.Fatal(err)
		}
		// ONNX has one scale for a value, and the model one for each channel: weights are rounded anew.
		if e := noise(logits(t, back, x), logits(t, m, x)); !(e < 0.05) {
			t.Errorf("%s: got noise of %.3g of the logits' power, want less than 0.05", spec, e)
		}
	}
}
