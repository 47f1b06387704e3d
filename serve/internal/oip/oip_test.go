package oip

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

func TestDecodeForms(t *testing.T) {
	flat := `{"id":"7","parameters":{"timeout":12,"x":1.5,"b":true,"s":"t","n":null},
		"inputs":[{"name":"input","shape":[2,2],"datatype":"FP32","data":[1,-2.5,3e2,4]}],
		"outputs":[{"name":"logits","parameters":{"binary_data":true}}]}`
	q, err := Decode([]byte(flat), len(flat))
	if err != nil {
		t.Fatal(err)
	}
	want := &Request{
		ID: "7", Params: Params{"timeout": int64(12), "x": 1.5, "b": true, "s": "t"},
		Inputs:  []Tensor{{Name: "input", Datatype: FP32, Shape: []int64{2, 2}, Params: Params{}, Floats: []float32{1, -2.5, 300, 4}}},
		Outputs: []Wanted{{"logits", Params{"binary_data": true}}},
	}
	if !reflect.DeepEqual(q, want) {
		t.Errorf("got  %+v\nwant %+v", q, want)
	}
	nested := strings.Replace(flat, "[1,-2.5,3e2,4]", " [ [1, -2.5] , [3e2,\n4] ]", 1)
	if q, err = Decode([]byte(nested), len(nested)); err != nil || !reflect.DeepEqual(q, want) {
		t.Errorf("nested: %+v, %v", q, err)
	}

	head := `{"inputs":[{"name":"image","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":11}},
		{"name":"u","shape":[3],"datatype":"UINT8","data":[0,255,7]},
		{"name":"f","shape":[1],"datatype":"FP32","parameters":{"binary_data_size":4}},
		{"name":"text","shape":[1],"datatype":"BYTES","data":["aGk="]}]}`
	body := head + "\x03\x00\x00\x00abc\x00\x00\x00\x00" + "\x00\x00\xc0\x3f"
	if q, err = Decode([]byte(body), len(head)); err != nil {
		t.Fatal(err)
	}
	in := q.Inputs
	if got := in[0].Strings; len(got) != 2 || string(got[0]) != "abc" || len(got[1]) != 0 {
		t.Errorf("BYTES: %q", got)
	}
	if string(in[1].Octets) != "\x00\xff\x07" || in[2].Floats[0] != 1.5 || string(in[3].Strings[0]) != "hi" {
		t.Errorf("got %v, %v, %q", in[1].Octets, in[2].Floats, in[3].Strings)
	}
}

// What is wrong with a request is said, and is never the server's fault.
func TestDecodeErrors(t *testing.T) {
	input := func(rest string) string { return `{"inputs":[{"name":"x",` + rest + `}]}` }
	for _, c := range []struct{ body, blob, want string }{
		{"", "", "unexpected end of JSON"},
		{"[]", "", "cannot unmarshal array"},
		{`{"parameters":{"x":1e999}}`, "", "which no number can hold"},
		{"{} x", "", "after top-level value"},
		{"{}", "abcd", "no input's binary_data_size"},
		{input(`"shape":[2],"datatype":"FP32","data":[1]`), "", "1 elements of data, want 2"},
		{input(`"shape":[1],"datatype":"FP32","data":[1,2,3]`), "", "2 elements of data or more, want 1"},
		{input(`"shape":[1],"datatype":"FP32","data":["1"]`), "", "want FP32"},
		{input(`"shape":[1],"datatype":"FP32","data":[null]`), "", "want FP32"},
		{input(`"shape":[1],"datatype":"FP32","data":[1e99]`), "", "want FP32"},
		{input(`"shape":[1],"datatype":"FP32","data":[NaN]`), "", "invalid character"},
		{input(`"shape":[1],"datatype":"FP32","data":{"a":1}`), "", "an object among the data"},
		{input(`"shape":[1],"datatype":"UINT8","data":[256]`), "", "want UINT8"},
		{input(`"shape":[1],"datatype":"BYTES","data":["%"]`), "", "not base64"},
		{input(`"shape":[1],"datatype":"COMPLEX","data":[1]`), "", `datatype "COMPLEX"`},
		{input(`"shape":[-1],"datatype":"FP32","data":[1]`), "", "dimension of -1"},
		{input(`"shape":[2147483647,2147483647,2147483647],"datatype":"FP32","data":[1]`), "", "more elements"},
		{input(`"shape":[9223372036854775807],"datatype":"FP32","data":[1]`), "", "dimension of"},
		{input(`"shape":[1,1,1,1,1,1,1,1,1],"datatype":"FP32","data":[1]`), "", "9 dimensions"},
		{input(`"shape":[1],"datatype":"FP32"`), "", "neither data nor"},
		{input(`"shape":[1],"datatype":"FP32","parameters":{"binary_data_size":8}`), "abcd", "binary_data_size is 8, and 4 bytes"},
		{input(`"shape":[1],"datatype":"FP32","parameters":{"binary_data_size":3}`), "abc", "more elements"},
		{input(`"shape":[1],"datatype":"FP32","parameters":{"binary_data_size":"4"}`), "abcd", "want a whole number"},
		{input(`"shape":[1],"datatype":"FP32","parameters":{"binary_data_size":[4]}`), "abcd", "a list or an object"},
		{input(`"shape":[1],"datatype":"FP32","data":[1],"parameters":{"binary_data_size":4}`), "abcd", "both data and"},
		{input(`"shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":8}`), "\xff\xff\xff\xffabcd", "length of 4294967295"},
		{input(`"shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":9}`), "\x05\x00\x00\x00abcde", "ends before the length of element 1"},
		{input(`"shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":6}`), "\x01\x00\x00\x00ab", "1 bytes of data behind"},
	} {
		_, err := Decode([]byte(c.body+c.blob), len(c.body))
		var f *fault.Error
		want := strings.Replace(c.want, "more elements", "bytes of data", 1)
		if err == nil || !strings.Contains(err.Error(), want) && !strings.Contains(err.Error(), "more elements") {
			t.Errorf("%s: %v, want %q", c.body, err, want)
		} else if !errors.As(err, &f) || f.Kind != fault.Invalid {
			t.Errorf("%s: %v is not the client's fault", c.body, err)
		}
	}
	if _, err := Decode([]byte("{}"), 3); err == nil {
		t.Error("a head longer than the body was accepted")
	}
}

func TestEncode(t *testing.T) {
	a := &Answer{Model: "m", Version: "1", Outputs: []Tensor{
		{Name: "f", Datatype: FP32, Shape: []int64{2}, Floats: []float32{0.1, -2}},
		{Name: "s", Datatype: BYTES, Shape: []int64{1}, Strings: [][]byte{[]byte("a\"b")}},
		{Name: "i", Datatype: INT64, Shape: []int64{1}, Ints: []int64{-1}},
	}}
	body, head, err := a.Encode(func(string) bool { return false })
	want := `{"model_name":"m","model_version":"1","outputs":[{"name":"f","datatype":"FP32","shape":[2],"data":[0.1,-2]},` +
		`{"name":"s","datatype":"BYTES","shape":[1],"data":["a\"b"]},{"name":"i","datatype":"INT64","shape":[1],"data":[-1]}]}`
	if err != nil || string(body) != want || head != len(body) {
		t.Errorf("got %s, %v", body, err)
	}
	body, head, err = a.Encode(func(name string) bool { return name != "f" })
	if err != nil || string(body[head:]) != "\x03\x00\x00\x00a\"b\xff\xff\xff\xff\xff\xff\xff\xff" {
		t.Errorf("got %q behind %s, %v", body[head:], body[:head], err)
	}
	if !strings.Contains(string(body[:head]), `"parameters":{"binary_data_size":7}`) {
		t.Errorf("no size in %s", body[:head])
	}
	a.Outputs[0].Floats[1] = float32(math.NaN())
	if _, _, err = a.Encode(func(string) bool { return false }); err == nil || !strings.Contains(err.Error(), "element 1 is NaN") {
		t.Errorf("NaN as JSON: %v", err)
	}
	if body, head, err = a.Encode(func(string) bool { return true }); err != nil || len(body)-head != 8+7+8 {
		t.Errorf("NaN as binary data: %v", err)
	}
}

// Whatever comes, Decode returns a request or a fault of the client's, and what it
// returns has as many elements as its shape says.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":5}}]}`), []byte("\x01\x00\x00\x00a"))
	f.Add([]byte(`{"inputs":[{"name":"i","shape":[1,2],"datatype":"FP32","data":[[1,2]]}],"outputs":[{"name":"a"}]}`), []byte{})
	f.Add([]byte(`{"inputs":[{"name":"i","shape":[3],"datatype":"UINT8","data":[1,2,255]}],"parameters":{"timeout":5}}`), []byte{})
	f.Add([]byte(`{"inputs":[{"name":"i","shape":[2],"datatype":"BYTES","data":["aGk=","\u0041A=="]}]}`), []byte{})
	f.Fuzz(func(t *testing.T, head, blob []byte) {
		q, err := Decode(append(head[:len(head):len(head)], blob...), len(head))
		if err != nil {
			var e *fault.Error
			if !errors.As(err, &e) || e.Kind != fault.Invalid && e.Kind != fault.TooLarge {
				t.Fatalf("%v is not the client's fault", err)
			}
			return
		}
		for i := range q.Inputs {
			checkCount(t, &q.Inputs[i])
		}
	})
}

// The binary form read and written again is the same bytes.
func FuzzBinary(f *testing.F) {
	f.Add(uint8(0), int64(2), []byte("\x01\x00\x00\x00a\x00\x00\x00\x00"))
	f.Add(uint8(1), int64(1), []byte("\x00\x00\xc0\x7f"))
	f.Add(uint8(2), int64(3), []byte("abc"))
	f.Add(uint8(3), int64(1), []byte("abcdefgh"))
	f.Fuzz(func(t *testing.T, kind uint8, n int64, data []byte) {
		x := Tensor{Name: "x", Datatype: []string{BYTES, FP32, UINT8, INT64}[kind%4], Shape: []int64{n}}
		if x.Binary(data) != nil {
			return
		}
		checkCount(t, &x)
		if got := x.AppendBinary(nil); string(got) != string(data) || x.BinarySize() != len(data) {
			t.Fatalf("got %q, want %q", got, data)
		}
	})
}

func checkCount(t *testing.T, x *Tensor) {
	n, err := Elements("x", x.Shape, math.MaxInt32)
	if got := len(x.Floats) + len(x.Ints) + len(x.Octets) + len(x.Strings); err != nil || got != n {
		t.Fatalf("%d elements for shape %v (%v)", got, x.Shape, err)
	}
}
