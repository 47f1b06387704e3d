package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/weights"
)

func TestConvert(t *testing.T) {
	from := modelFile(t, func(m *weights.Model) { m.Labels, m.Preprocess = nil, nil })
	dir := tree(t, map[string]string{"labels.txt": "\ufeff" + strings.Join(animals, "\r\n") + "\r\n\n"})
	to := filepath.Join(dir, "new.rfl")
	out, errs := want(t, exitOK, "convert", from, "-o", to, "-labels", filepath.Join(dir, "labels.txt"),
		"-mean", "0.1, 0.2,0.3", "-std", "0.5", "-resize", "40", "-crop", "32", "-name", "zoo", "-source", "made up", "-license", "CC0")
	if out != "" || !strings.Contains(errs, "new.rfl: ") || strings.Contains(errs, "note") {
		t.Errorf("got %q and %q, want one line on standard error", out, errs)
	}
	m, err := weights.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	p := &weights.Preprocess{
		Resize: 40, Crop: [2]int{32, 32}, Filter: "bilinear", Order: "rgb",
		Mean: []float64{0.1, 0.2, 0.3}, Std: []float64{0.5, 0.5, 0.5},
	}
	if !reflect.DeepEqual(m.Preprocess, p) || !reflect.DeepEqual(m.Labels, animals) || m.Name != "zoo" {
		t.Errorf("got %+v, %q, %q", m.Preprocess, m.Labels, m.Name)
	}
	if m.Provenance.Source != "made up" || m.Provenance.License != "CC0" {
		t.Errorf("got provenance %+v", m.Provenance)
	}
	// What is not said stays; the weights are not touched.
	again := filepath.Join(dir, "again.rfl")
	want(t, exitOK, "convert", to, "-o", again, "-q")
	a, _ := os.ReadFile(to)
	b, _ := os.ReadFile(again)
	if len(a) == 0 || string(a) != string(b) {
		t.Error("converting without a change changed the file")
	}
	// In place.
	want(t, exitOK, "convert", again, "-o", again, "-q", "-name", "other")
	if m, err := weights.ReadFile(again); err != nil || m.Name != "other" || m.Preprocess == nil {
		t.Errorf("in place: got %+v, %v", m, err)
	}
	if got := entries(t, dir); got != "again.rfl labels.txt new.rfl" {
		t.Errorf("got files %q", got)
	}
}

// TestConvertONNX: out as ONNX and back in, the network computes the same bits.
func TestConvertONNX(t *testing.T) {
	from, dir := modelFile(t, nil), t.TempDir()
	mid, back := filepath.Join(dir, "m.onnx"), filepath.Join(dir, "back.rfl")
	want(t, exitOK, "convert", from, "-o", mid, "-q")
	want(t, exitOK, "convert", mid, "-o", back, "-q", "-mean", "0.5,0.5,0.5", "-std", "0.25", "-resize", "36", "-crop", "32")
	if m, err := weights.ReadFile(back); err != nil || m.Name != "m" || !reflect.DeepEqual(m.Preprocess, testModel(t).Preprocess) {
		t.Fatalf("got %+v, %v", m, err)
	}
	in := strings.Repeat("\x00\x00\x80\x3f\x00\x00\x00\xbf\x33\x33\x33\x3f", 1024)
	_, a, _ := infer(t, in, "run", "-m", from, "-in", "-", "-out", "-")
	_, b, _ := infer(t, in, "run", "-m", back, "-in", "-", "-out", "-")
	if len(a) != 4*len(animals) || a != b {
		t.Errorf("got %d and %d bytes, want the same logits", len(a), len(b))
	}
}

func TestConvertNote(t *testing.T) {
	from := modelFile(t, func(m *weights.Model) { m.Preprocess = nil })
	to := filepath.Join(t.TempDir(), "x.rfl")
	if _, errs := want(t, exitOK, "convert", from, "-o", to); !strings.Contains(errs, "note: no -mean and -std") {
		t.Errorf("got %q, want a note on the missing mean", errs)
	}
	m, err := weights.ReadFile(to)
	if err != nil || m.Preprocess == nil || m.Preprocess.Crop != [2]int{32, 32} || m.Preprocess.Resize != 0 {
		t.Errorf("got %+v, %v; want the network's size", m.Preprocess, err)
	}
}

func TestConvertHalf(t *testing.T) {
	from := modelFile(t, nil)
	to := filepath.Join(t.TempDir(), "half.rfl")
	want(t, exitOK, "convert", from, "-o", to, "-f16", "-q")
	a, _ := os.Stat(from)
	b, _ := os.Stat(to)
	if r := float64(b.Size()) / float64(a.Size()); r > 0.65 {
		t.Errorf("the file shrank to %.2f, want about half", r)
	}
	m, err := weights.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	full := testModel(t)
	halves := 0
	for i := range m.Tensors {
		x := &m.Tensors[i]
		y := full.Tensor(x.Name)
		if x.DType == weights.Float16 {
			halves++
		}
		for k, v := range x.Data {
			// Half a unit in the 11th bit, or of the smallest subnormal.
			if d := math.Abs(float64(v - y.Data[k])); d > math.Max(math.Abs(float64(y.Data[k]))/2048, 1.0/(1<<25)) {
				t.Fatalf("%s[%d]: got %v, want %v rounded", x.Name, k, v, y.Data[k])
			}
		}
	}
	if halves < 10 {
		t.Errorf("got %d tensors in half precision, want the convolutions", halves)
	}
	large := modelFile(t, func(m *weights.Model) {
		for i := range m.Tensors {
			if len(m.Tensors[i].Shape) > 1 {
				m.Tensors[i].Data[3] = 1e5
				return
			}
		}
	})
	dir := t.TempDir()
	if _, errs := want(t, exitModel, "convert", large, "-o", filepath.Join(dir, "x.rfl"), "-f16"); !strings.Contains(errs, "100000 at index 3") {
		t.Errorf("got %q, want the value that does not fit", errs)
	}
	if got := entries(t, dir); got != "" {
		t.Errorf("left behind %q", got)
	}
}

// TestConvertRefuses: a model that cannot run writes nothing.
func TestConvertRefuses(t *testing.T) {
	dir := tree(t, map[string]string{
		"nine.txt": strings.Join(animals[:9], "\n"), "gap.txt": "a\n\nb\n", "none.txt": "\n", "old.rfl": "old", "bad.onnx": "hello",
	})
	from := modelFile(t, nil)
	unknown := modelFile(t, func(m *weights.Model) { m.Graph.Nodes[3].Op = "quux" })
	to := filepath.Join(dir, "old.rfl")
	for name, c := range map[string]struct {
		status int
		args   []string
		says   string
	}{
		"unknown operator": {exitModel, []string{unknown}, "quux"},
		"labels":           {exitModel, []string{from, "-labels", filepath.Join(dir, "nine.txt")}, "got 9 labels, want 10"},
		"gap":              {exitFailed, []string{from, "-labels", filepath.Join(dir, "gap.txt")}, "line 2"},
		"no labels":        {exitFailed, []string{from, "-labels", filepath.Join(dir, "none.txt")}, "no class names"},
		"no file":          {exitModel, []string{filepath.Join(dir, "none.onnx")}, "none.onnx"},
		"bad onnx":         {exitModel, []string{filepath.Join(dir, "bad.onnx")}, "bad.onnx"},
		"no folder":        {exitFailed, []string{from, "-o", filepath.Join(dir, "no", "x.rfl")}, "no such file"},
	} {
		out, errs := want(t, c.status, append([]string{"convert", "-o", to}, c.args...)...)
		if out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, c.says) {
			t.Errorf("%s: got %q and %q, want one line with %q", name, out, errs, c.says)
		}
	}
	if b, _ := os.ReadFile(to); string(b) != "old" {
		t.Errorf("the old file was touched: %q", b)
	}
	if got := entries(t, dir); got != "bad.onnx gap.txt nine.txt none.txt old.rfl" {
		t.Errorf("got files %q", got)
	}
}

func TestWriteFile(t *testing.T) {
	a := &app{stdout: io.Discard}
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	hello := func(w io.Writer) error { _, err := io.WriteString(w, "hello"); return err }
	boom := errors.New("boom")
	if err := a.writeFile(path, func(w io.Writer) error { hello(w); return boom }); err != boom || entries(t, dir) != "" {
		t.Errorf("got %v and files %q, want boom and none", err, entries(t, dir))
	}
	if err := a.writeFile(path, hello); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := a.writeFile(path, hello); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() != 5 {
		t.Fatalf("got %v, %v", info, err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if info.Mode().Perm() != 0o640 {
		t.Errorf("got mode %v, want the old file's", info.Mode())
	}
	// A link stays one, and a device stays a device.
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := a.writeFile(link, hello); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
	pipeR, pipeW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipeR.Close()
	pipeW.Close()
	if err := a.writeFile(os.DevNull, hello); err != nil {
		t.Errorf("%s: %v", os.DevNull, err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Fatalf("%s was replaced by a file", os.DevNull)
	}
}

func TestInspect(t *testing.T) {
	m := modelFile(t, nil)
	out, _ := want(t, exitOK, "inspect", m)
	for _, s := range []string{
		"animals.rfl, ", "input          3x32x32", "shorter side to 36", "crop 32 x 32, rgb", "ant, bee, cat", "random weights", "gap", "kernel 3 3, ",
	} {
		if !strings.Contains(out, s) {
			t.Errorf("no %q in\n%s", s, out)
		}
	}
	short, _ := want(t, exitOK, "inspect", "-nodes=false", m)
	if !strings.HasPrefix(out, short) || len(short) > len(out)/2 {
		t.Errorf("-nodes=false: got %q", short)
	}
	js, _ := want(t, exitOK, "inspect", "-json", m)
	var s summary
	if err := json.Unmarshal([]byte(js), &s); err != nil || strings.Count(js, "\n") != 1 {
		t.Fatalf("%v in %q", err, js)
	}
	params, macs, full := 0, int64(0), testModel(t)
	for i := range full.Tensors {
		params += len(full.Tensors[i].Data)
	}
	for _, n := range s.Nodes {
		macs += n.MACs
	}
	info, _ := os.Stat(m)
	if s.Parameters != params || s.MACs != macs || macs == 0 || len(s.Nodes) != len(full.Graph.Nodes) || int64(s.Bytes) != info.Size() || len(s.SHA256) != 64 {
		t.Errorf("got %d parameters, %d multiply-adds, %d nodes, %d bytes", s.Parameters, s.MACs, len(s.Nodes), s.Bytes)
	}
}

func TestRunTensor(t *testing.T) {
	m, dir := modelFile(t, nil), t.TempDir()
	const in, batch = 3 * 32 * 32, 3
	var b []byte
	for i := range batch * in {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(i%101)/50-1))
	}
	src, dst := filepath.Join(dir, "in.f32"), filepath.Join(dir, "out.f32")
	if err := os.WriteFile(src, b, 0o666); err != nil {
		t.Fatal(err)
	}
	want(t, exitOK, "run", "-m", m, "-in", src, "-out", dst)
	all, err := os.ReadFile(dst)
	if err != nil || len(all) != batch*4*len(animals) {
		t.Fatalf("got %d bytes, %v; want %d", len(all), err, batch*4*len(animals))
	}
	// The last sample alone gives the same bits, on one thread and through pipes.
	code, out, errs := infer(t, string(b[2*4*in:]), "run", "-m", m, "-threads", "1", "-in", "-", "-out", "-")
	if code != exitOK || out != string(all[2*4*len(animals):]) {
		t.Errorf("got %d, %d bytes, %q; want the same bits", code, len(out), errs)
	}
	for name, n := range map[string]int{"none": 0, "part": 4*in - 1, "one and part": 4*in + 4} {
		if err := os.WriteFile(src, b[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		_, errs := want(t, exitFailed, "run", "-m", m, "-in", src, "-out", filepath.Join(dir, "new.f32"))
		if !strings.Contains(errs, "want a multiple of 12288") || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: got %q, want got and wanted", name, errs)
		}
	}
	if got := entries(t, dir); got != "in.f32 out.f32" {
		t.Errorf("got files %q", got)
	}
}
