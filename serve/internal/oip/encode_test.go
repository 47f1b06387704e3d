package oip

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
)

// logits is an answer of so many floats, as a classifier gives.
func logits(n int) *Answer {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rand.NormFloat64()) * 5
	}
	return &Answer{Model: "m", Version: "1", Outputs: []Tensor{
		{Name: "logits", Datatype: FP32, Shape: []int64{1, int64(n)}, Floats: x},
		{Name: "labels", Datatype: BYTES, Shape: []int64{1, 1}, Strings: [][]byte{[]byte("tench, Tinca tinca")}},
	}}
}

// What is written is what encoding/json reads and would have written.
func TestEncodeStrings(t *testing.T) {
	texts := []string{"", "tench", `a"b\c`, "<&>", "tab\tand\x00", "café", "\u2028", "~\x7f"}
	a := &Answer{Model: `m"`, ID: "<id>", Outputs: []Tensor{{Name: "s\n", Datatype: BYTES, Shape: []int64{int64(len(texts))}}, {Name: "none", Datatype: FP32}}}
	for _, s := range texts {
		if got, want := string(appendQuoted(nil, s)), must(json.Marshal(s)); got != string(want) {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
		a.Outputs[0].Strings = append(a.Outputs[0].Strings, []byte(s))
	}
	body, _, err := a.Encode(func(string) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Model   string `json:"model_name"`
		Version *string
		ID      string
		Outputs []struct {
			Name  string
			Shape []int
			Data  []any
		}
	}
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if v.Model != a.Model || v.Version != nil || v.ID != a.ID || v.Outputs[0].Name != "s\n" || v.Outputs[1].Shape == nil || v.Outputs[1].Data == nil {
		t.Errorf("got %+v of %s", v, body)
	}
	for i, s := range texts {
		if v.Outputs[0].Data[i] != s {
			t.Errorf("string %d is %q, want %q", i, v.Outputs[0].Data[i], s)
		}
	}
}

// An answer is one allocation, however many numbers it has.
func TestEncodeAllocations(t *testing.T) {
	a := logits(1000)
	var sink []byte
	if n := testing.AllocsPerRun(50, func() { sink, _, _ = a.Encode(func(string) bool { return false }) }); n > 1 {
		t.Errorf("%v allocations for %d bytes, want 1", n, len(sink))
	}
	if n := testing.AllocsPerRun(50, func() { sink, _, _ = a.Encode(func(string) bool { return true }) }); n > 1 {
		t.Errorf("%v allocations for %d bytes of binary data, want 1", n, len(sink))
	}
}

func BenchmarkEncode(b *testing.B) {
	a := logits(1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := a.Encode(func(string) bool { return false }); err != nil {
			b.Fatal(err)
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}
