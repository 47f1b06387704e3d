package eval_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/eval"
	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
)

// tensorFile is what a trainer would write: float32 and int32 tensors.
type tensorFile struct {
	names  []string
	floats map[string][]float32
	ints   map[string][]int32
}

func (f *tensorFile) write(t *testing.T) string {
	t.Helper()
	header, data := map[string]any{}, []byte{}
	for _, name := range f.names {
		at, kind, n := len(data), "F32", len(f.floats[name])
		var err error
		if v, ok := f.ints[name]; ok {
			kind, n = "I32", len(v)
			data, err = binary.Append(data, binary.LittleEndian, v)
		} else {
			data, err = binary.Append(data, binary.LittleEndian, f.floats[name])
		}
		if err != nil {
			t.Fatal(err)
		}
		header[name] = map[string]any{"dtype": kind, "shape": []int{n}, "data_offsets": []int{at, len(data)}}
	}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	path := filepath.Join(t.TempDir(), "reference.safetensors")
	if err := os.WriteFile(path, append(append(b, text...), data...), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// referenceOf is the reference that agrees: the generic set's results on the
// pictures of cifarRecords.
func referenceOf(t *testing.T, path string, records []byte) *tensorFile {
	t.Helper()
	m, err := engine.Load(path, engine.WithISA("generic"))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	p, err := preprocess.New(m.Preprocess())
	if err != nil {
		t.Fatal(err)
	}
	info := m.Info()
	in, out := make([]float32, info.InputLen()), make([]float32, info.OutputLen())
	f := &tensorFile{floats: map[string][]float32{}, ints: map[string][]int32{}}
	f.names = append(f.names, "logits")
	for ; len(records) > 0; records = records[3073:] {
		img := image.NewNRGBA(image.Rect(0, 0, 32, 32))
		for i := range 1024 {
			img.SetNRGBA(i%32, i/32, color.NRGBA{records[1+i], records[1025+i], records[2049+i], 255})
		}
		if err := p.Apply(in, img); err != nil {
			t.Fatal(err)
		}
		if err := s.Run(context.Background(), out, in); err != nil {
			t.Fatal(err)
		}
		f.floats["logits"] = append(f.floats["logits"], out...)
		for k, q := range s.Permutations() {
			name := fmt.Sprintf("routes.%d", k)
			if f.ints[name] == nil {
				f.names = append(f.names, name)
			}
			for i := range q.Pairs {
				f.ints[name] = append(f.ints[name], q.Sigma[i*q.A:][:q.A]...)
				f.ints[name] = append(f.ints[name], q.Tau[i*q.B:][:q.B]...)
			}
		}
		if len(f.names) > 1 {
			f.floats["margin"] = append(f.floats["margin"], 0.5)
		}
	}
	if len(f.names) > 1 {
		f.names = append(f.names, "margin")
	}
	return f
}

// TestEvalAgainst: what agrees agrees; a class, a permutation, a logit that is
// another one is counted, and is an error unless a close call explains it.
func TestEvalAgainst(t *testing.T) {
	const n = 12
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "test_batch.bin"), cifarRecords(n), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"static", "dynamic"} {
		m := infertest.ModelFile(t, nil)
		if kind == "dynamic" {
			m = infertest.DynamicFile(t)
		}
		type result struct{ Against eval.Agreement }
		evaluate := func(status int, change func(f *tensorFile)) eval.Agreement {
			t.Helper()
			f := referenceOf(t, m, cifarRecords(n))
			change(f)
			out, _ := infertest.Want(t, status, "eval", "-json", "-m", m, "-cifar10", dir, "-against", f.write(t))
			var r result
			if err := json.Unmarshal([]byte(out), &r); err != nil {
				t.Fatalf("%q: %v", out, err)
			}
			return r.Against
		}
		got := evaluate(cli.OK, func(*tensorFile) {})
		if got.ClassesDiffer != 0 || got.RoutesDiffer != 0 || got.LogitError > got.LogitBound || got.LogitBound > 1e-3 {
			t.Errorf("%s: got %+v of what agrees", kind, got)
		}
		got = evaluate(cli.Failed, func(f *tensorFile) {
			f.floats["logits"][7] += 1e-2 * float32(math.Abs(float64(f.floats["logits"][7]))+1)
		})
		if got.LogitError <= got.LogitBound {
			t.Errorf("%s: got %+v with a logit off", kind, got)
		}
		got = evaluate(cli.Failed, func(f *tensorFile) { f.floats["logits"][3] = 100 })
		if got.ClassesDiffer > 1 || got.LogitError <= got.LogitBound {
			t.Errorf("%s: got %+v with a class off", kind, got)
		}
		if kind == "static" {
			continue
		}
		swap := func(f *tensorFile) { r := f.ints["routes.3"]; r[0], r[1] = r[1], r[0] } // of picture 0
		if got = evaluate(cli.Failed, swap); got.RoutesDiffer != 1 || got.RoutesUnexplained != 1 || got.RoutesMargin != 0.5 {
			t.Errorf("got %+v with a permutation off", got)
		}
		got = evaluate(cli.Failed, func(f *tensorFile) { swap(f); f.floats["margin"][0] = 5e-5 })
		if got.RoutesDiffer != 1 || got.RoutesUnexplained != 0 || got.Close != 1 || got.LogitError <= got.LogitBound {
			t.Errorf("got %+v with a permutation off by a hair: the logits with it are others", got)
		}
		for what, change := range map[string]func(f *tensorFile){
			`no tensor "margin"`: func(f *tensorFile) { f.names = f.names[:len(f.names)-1] },
			"want 120 for 12":    func(f *tensorFile) { f.floats["logits"] = f.floats["logits"][1:] },
		} {
			f := referenceOf(t, m, cifarRecords(n))
			change(f)
			if _, errs := infertest.Want(t, cli.Usage, "eval", "-m", m, "-cifar10", dir, "-against", f.write(t)); !strings.Contains(errs, what) {
				t.Errorf("got %q, want %q", errs, what)
			}
		}
	}
}
