package app

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/draw"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/engine/preprocess"
)

// Every form of input gives the engine's own classes, and the logits' bits.
func TestInputs(t *testing.T) {
	r := start(t)
	m := loaded(t, "cifar10-sds")
	file := picture(t, "ship")
	img, _, err := preprocess.DecodeBytes(file, preprocess.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := m.NewClassifier()
	top, err := c.Classify(context.Background(), img, 5)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(c.Outputs())
	tensor := make([]float32, m.Info().InputLen())
	if err := preprocess.Apply(tensor, img, m.Preprocess()); err != nil {
		t.Fatal(err)
	}
	rgba := image.NewRGBA(img.Bounds())
	draw.Draw(rgba, rgba.Rect, img, img.Bounds().Min, draw.Src)
	var rgb []byte
	for i := 0; i < len(rgba.Pix); i += 4 {
		rgb = append(rgb, rgba.Pix[i:i+3]...)
	}
	w, h := rgba.Rect.Dx(), rgba.Rect.Dy()

	floats, _ := json.Marshal(tensor)
	var raw []byte
	for _, v := range tensor {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	length := func(b []byte) []byte { return append(binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b...) }
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(file)
	z.Close()
	head := func(name, datatype, shape, params string, blob []byte) ([]byte, string) {
		s := fmt.Sprintf(`{"inputs":[{"name":%q,"datatype":%q,"shape":%s,"parameters":{"binary_data_size":%d%s}}]}`, name, datatype, shape, len(blob), params)
		return append([]byte(s), blob...), strconv.Itoa(len(s))
	}
	type form struct {
		name    string
		body    []byte
		headers []string
	}
	forms := []form{
		{"picture alone", file, []string{"Content-Type", "image/png"}},
		{"picture alone, header 0", file, []string{"Inference-Header-Content-Length", "0"}},
		{"picture alone, gzip", packed.Bytes(), []string{"Content-Type", "application/octet-stream", "Content-Encoding", "gzip"}},
		{"base64", []byte(`{"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"data":["` + base64.StdEncoding.EncodeToString(file) + `"]}]}`), nil},
		{"tensor as JSON", []byte(`{"inputs":[{"name":"input","datatype":"FP32","shape":[1,3,32,32],"data":` + string(floats) + `}]}`), nil},
	}
	for _, f := range []struct {
		name, input, datatype, shape, params string
		blob                                 []byte
	}{
		{"binary picture", "image", "BYTES", "[1]", "", length(file)},
		{"binary tensor", "input", "FP32", "[1,3,32,32]", "", raw},
		{"binary tensor without a batch", "input", "FP32", "[3,32,32]", "", raw},
		{"pixels as UINT8", "image", "UINT8", fmt.Sprintf("[1,%d,%d,3]", h, w), "", rgb},
		{"pixels as BYTES", "image", "BYTES", "[1]", fmt.Sprintf(`,"width":%d,"height":%d`, w, h), length(rgb)},
		{"pixels as RGBA", "image", "UINT8", fmt.Sprintf("[%d,%d,4]", h, w), `,"layout":"rgba"`, rgba.Pix},
	} {
		body, n := head(f.input, f.datatype, f.shape, f.params, f.blob)
		forms = append(forms, form{f.name, body, []string{"Inference-Header-Content-Length", n}})
	}
	for _, f := range forms {
		a := r.post("cifar10-sds", f.body, f.headers...)
		var logits []float32
		var labels []string
		var probs []float32
		if shape := a.output(t, "logits", &logits); !slices.Equal(shape, []int{1, 10}) || !slices.Equal(logits, want[:10]) {
			t.Errorf("%s: logits %v %v, want %v", f.name, shape, logits, want)
		}
		a.output(t, "labels", &labels)
		a.output(t, "probabilities", &probs)
		if labels[0] != "ship" || labels[0] != top[0].Label || probs[4] != top[4].Prob {
			t.Errorf("%s: %v %v, want %v", f.name, labels, probs, top)
		}
	}
}

// Several pictures in one request, and all outputs of each: as of each alone.
func TestOutputs(t *testing.T) {
	r := start(t)
	names := []string{"ship", "cat", "frog"}
	var data []string
	for _, n := range names {
		data = append(data, base64.StdEncoding.EncodeToString(picture(t, n)))
	}
	ask := func(data []string) reply {
		list, _ := json.Marshal(data)
		return r.post("cifar10-sds", fmt.Appendf(nil, `{"id":"x","parameters":{"top_k":2},
			"inputs":[{"name":"image","datatype":"BYTES","shape":[%d],"data":%s}],
			"outputs":[{"name":"labels"},{"name":"classes"},{"name":"embedding"},{"name":"permutations"},{"name":"stages"},
				{"name":"logits","parameters":{"classification":3}}]}`, len(data), list))
	}
	all := ask(data)
	var labels, perms, best []string
	var embedding []float32
	var stages []int64
	if shape := all.output(t, "labels", &labels); !slices.Equal(shape, []int{3, 2}) {
		t.Errorf("labels %v", shape)
	}
	if shape := all.output(t, "embedding", &embedding); !slices.Equal(shape, []int{3, 256}) {
		t.Errorf("embedding %v", shape)
	}
	all.output(t, "permutations", &perms)
	all.output(t, "stages", &stages)
	all.output(t, "logits", &best)
	if len(best) != 9 || !strings.HasSuffix(best[0], ":8:ship") {
		t.Errorf("classification: %q", best)
	}
	for i, s := range stages {
		if s <= 0 || s > 30e9 {
			t.Errorf("stage %d took %d ns", i, s)
		}
	}
	differ := false
	for i, name := range names {
		var l, p []string
		var e []float32
		one := ask(data[i : i+1])
		one.output(t, "labels", &l)
		one.output(t, "permutations", &p)
		one.output(t, "embedding", &e)
		if l[0] != name || !slices.Equal(l, labels[2*i:2*i+2]) {
			t.Errorf("%s: %v alone, %v among others", name, l, labels[2*i:2*i+2])
		}
		if p[0] != perms[i] || !slices.Equal(e, embedding[256*i:256*i+256]) {
			t.Errorf("%s: other permutations or another embedding alone than among others", name)
		}
		differ = differ || perms[i] != perms[0]
		var list []struct {
			Node          string
			Chosen, Usual []int
		}
		if err := json.Unmarshal([]byte(p[0]), &list); err != nil || len(list) != 3 {
			t.Fatalf("%d dynamic layers, want 3 (%v)", len(list), err)
		}
		for _, c := range list {
			slices.Sort(c.Chosen)
			for j, v := range c.Chosen {
				if v != j {
					t.Fatalf("%s is no permutation", c.Node)
				}
			}
			if len(c.Usual) != len(c.Chosen) {
				t.Errorf("%s: %d usual channels, want %d", c.Node, len(c.Usual), len(c.Chosen))
			}
		}
	}
	if !differ {
		t.Error("all pictures were routed alike: the test shows nothing")
	}
}

// Binary outputs, as the header says where they begin.
func TestBinaryOutputs(t *testing.T) {
	r := start(t)
	body := []byte(`{"parameters":{"binary_data_output":true},"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"data":["` +
		base64.StdEncoding.EncodeToString(picture(t, "ship")) + `"]}],"outputs":[{"name":"logits"},{"name":"labels","parameters":{"binary_data":false}}]}`)
	a := r.post("cifar10", body)
	n, err := strconv.Atoi(a.header.Get("Inference-Header-Content-Length"))
	if err != nil || a.header.Get("Content-Type") != "application/octet-stream" || len(a.body)-n != 40 {
		t.Fatalf("%d %v: %d bytes behind the JSON, want 40: %v", a.code, a.header, len(a.body)-n, err)
	}
	plain := r.post("cifar10", bytes.Replace(body, []byte(`"binary_data_output":true`), nil, 1))
	var logits []float32
	plain.output(t, "logits", &logits)
	for i, v := range logits {
		if got := math.Float32frombits(binary.LittleEndian.Uint32(a.body[n+4*i:])); got != v {
			t.Errorf("logit %d is %v in binary and %v in JSON", i, got, v)
		}
	}
	if !strings.Contains(string(a.body[:n]), `"data":["ship"`) {
		t.Errorf("labels are not in the JSON: %s", a.body[:n])
	}
}
