package weights

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// slowSection is parseSection by encoding/json: what it accepts must be what
// the encoder makes of the result.
func slowSection(js []byte) (*document, bool) {
	var d document
	if err := json.Unmarshal(js, &d); err != nil {
		return nil, false
	}
	again, err := d.canonical()
	return &d, err == nil && bytes.Equal(again, js)
}

func checkSection(t *testing.T, js []byte) {
	t.Helper()
	want, ok := slowSection(js)
	got, err := parseSection(js)
	if bytes.Contains(js, []byte("null")) && err != nil {
		return // encoding/json takes null for an empty list; FORMAT.md wants one
	}
	if ok != (err == nil) {
		t.Fatalf("got %v, encoding/json accepts it: %v\n%s", err, ok, js)
	}
	if ok && !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, want %+v\n%s", got, want, js)
	}
}

// Every section one byte away from a good one, and pieces of it doubled, left
// out and put elsewhere.
func TestSectionForms(t *testing.T) {
	m := small()
	m.Name = "a\"\\\b\f\n\r\t\x01\x1f\x7f<>& é\u2027\u2028\u2029\ufffd\U0001f600"
	m.Provenance = Provenance{Source: "s", Data: "d", Date: "2026", Accuracy: "1 %", License: "l", Notes: "n"}
	p := *m.Preprocess
	p.Filter, p.Resize, p.Letterbox = "bicubic", 0, []int{0, 114, 255}
	m.Preprocess = &p
	entries, _ := directory(m.Tensors)
	d := document{m.Name, m.Graph, entries, m.Labels, m.Preprocess, m.Provenance}
	js, err := d.canonical()
	if err != nil {
		t.Fatal(err)
	}
	checkSection(t, js)
	if _, err := parseSection(js); err != nil {
		t.Fatal(err)
	}
	swaps := []byte("\"\\{}[],:0179-+.eEu \n\x00\xff\xe2naX")
	for at := range js {
		checkSection(t, js[:at])
		checkSection(t, append(bytes.Clone(js[:at]), js[at+1:]...))
		for i, c := range swaps {
			if (at+i)%3 != 0 {
				continue
			}
			b := bytes.Clone(js)
			b[at] = c
			checkSection(t, b)
			checkSection(t, append(append(bytes.Clone(js[:at]), c), js[at:]...))
		}
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		a, n := rng.IntN(len(js)), rng.IntN(40)
		to := rng.IntN(len(js))
		piece := js[a:min(len(js), a+n)]
		b := append(append(bytes.Clone(js[:to]), piece...), js[min(len(js), to+rng.IntN(2)*n):]...)
		checkSection(t, b)
	}
}

func TestSectionTextsAndNumbers(t *testing.T) {
	frame := func(name, mean string) []byte {
		return []byte(`{"name":` + name + `,"graph":{"inputs":[],"outputs":[],"nodes":[]},"tensors":[],` +
			`"preprocess":{"resize":0,"crop":[1,1],"filter":"","order":"","mean":[` + mean + `],"std":[]},"provenance":{}}`)
	}
	for _, s := range []string{
		`""`, `"\u0000"`, `"\u001f"`, `"\u001F"`, `"\u0020"`, `"\u000a"`, `"\u0008"`, `"\u000c"`, `"\u2028"`, `"\u2029"`, `"\u202A"`, `"\u202a"`,
		`"\ufffd"`, `"\ud800"`, `"\ud83d\ude00"`, `"\/"`, `"\'"`, `"\x"`, `"\`, `"\u"`, `"\u00"`, `"\u+001"`, `"\u0_01"`, "\"\xed\xa0\x80\"", "\"\xf8\"", "\"\u2028\"",
		`"a\"b"`, `"\\"`, `"\\\\"`, `"\b\f\n\r\t"`, "\"\n\"", "\"a\\n\xff\"", `"\n`, `"a\nb`, `'a'`, `1`,
	} {
		checkSection(t, frame(s, "1"))
	}
	for _, s := range []string{
		"0", "-0", "1", "01", "1.0", "1.5", "-1.5", "+1", ".5", "5.", "1e-7", "1e-07", "1E-7", "1e-6", "0.000001", "1e-06", "1e21", "1e+21", "1e+22", "100000000000000000000",
		"1000000000000000000000", "1e400", "-1e400", "1e-400", "0.1", "0.10", "1e5", "100000", "NaN", "Inf", "0x1p3", "1_0", "", "-", "e", "5e-324", "1.7976931348623157e+308", "2.2250738585072014e-308",
	} {
		checkSection(t, frame(`""`, s))
		checkSection(t, []byte(strings.Replace(string(frame(`""`, "1")), `"resize":0`, `"resize":`+s, 1)))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		v := math.Float64frombits(rng.Uint64())
		if v-v != 0 {
			continue
		}
		want, err := json.Marshal(v)
		if got := appendNumber(nil, v, 64); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	for _, s := range []string{"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "007", "-1"} {
		checkSection(t, []byte(strings.Replace(string(frame(`""`, "1")), `"resize":0`, `"resize":`+s, 1)))
	}
}

// A graph without nodes is written as an empty list: a reader takes no null.
func TestNoNodes(t *testing.T) {
	m := &Model{Graph: Graph{Inputs: []Value{{"x", []int{1}}}, Outputs: []string{"x"}}}
	if _, err := Read(encode(t, m)); err != nil {
		t.Error(err)
	}
}

// TestLetterbox: a letterbox is written and read, and refused where it means nothing.
func TestLetterbox(t *testing.T) {
	m := small()
	p := *m.Preprocess
	p.Resize, p.Filter, p.Letterbox = 0, "bicubic", []int{0, 114, 255}
	m.Preprocess = &p
	back, err := Read(encode(t, m))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.Preprocess, &p) {
		t.Errorf("got %+v, want %+v", back.Preprocess, p)
	}
	for name, spoil := range map[string]func(p *Preprocess){
		"resize": func(p *Preprocess) { p.Resize = 9 },
		"two":    func(p *Preprocess) { p.Letterbox = []int{1, 2} },
		"below":  func(p *Preprocess) { p.Letterbox = []int{1, 2, -1} },
		"above":  func(p *Preprocess) { p.Letterbox = []int{1, 2, 256} },
		"filter": func(p *Preprocess) { p.Filter = "lanczos" },
	} {
		q := p
		spoil(&q)
		m.Preprocess = &q
		if _, err := m.Encode(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		}
	}
}
