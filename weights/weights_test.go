package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// small is a model that has everything a file can hold.
func small() *Model {
	m := &Model{
		Name: "small",
		Graph: Graph{
			Inputs:  []Value{{Name: "x", Shape: []int{4, 2, 2}}},
			Outputs: []string{"y"},
			Nodes: []Node{
				{Name: "c", Op: OpConv, Inputs: []string{"x"}, Outputs: []string{"c"},
					Attrs:   map[string][]int{"kernel": {1, 1}, "groups": {2}},
					Tensors: map[string]string{"weight": "c.w", "bias": "c.b"}},
				{Name: "s", Op: OpShuffle, Inputs: []string{"c"}, Outputs: []string{"y"}, Attrs: map[string][]int{"perm": {0, 2, 1, 3}}},
			},
		},
		Tensors: []Tensor{
			{Name: "c.b", Shape: []int{4}, Data: []float32{1, -2, 0.5, float32(math.Copysign(0, -1))}},
			{Name: "c.w", DType: Float16, Shape: []int{4, 2, 1, 1}, Data: []float32{1, 2, 3, 4, -1, 65504, 6.1035156e-05, 5.9604645e-08}},
		},
		Labels:     []string{"a", "b <&>  é", "c", "d"},
		Preprocess: &Preprocess{Resize: 2, Crop: [2]int{2, 2}, Filter: "bilinear", Order: "rgb", Mean: []float64{0.5, 0.25, 1e-7}, Std: []float64{1, 0.125, 0.1}},
		Provenance: Provenance{Source: "a test", License: "Apache-2.0"},
	}
	return m
}

func encode(t testing.TB, m *Model) []byte {
	t.Helper()
	b, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reseal makes the checksums and lengths of b true again.
func reseal(b []byte) []byte {
	if len(b) < headerSize {
		return b
	}
	le := binary.LittleEndian
	nj := le.Uint64(b[offJSONLen:])
	if nj <= uint64(len(b)-headerSize) {
		le.PutUint32(b[offJSONSum:], sum(b[headerSize:headerSize+int(nj)]))
		if start := alignUp(headerSize + int(nj)); start <= len(b) {
			le.PutUint64(b[offDataLen:], uint64(len(b)-start))
			le.PutUint32(b[offDataSum:], sum(b[start:]))
		}
	}
	le.PutUint32(b[offSum:], sum(b[:offSum]))
	return b
}

// withJSON is the file of small with its JSON section changed, checksums true.
func withJSON(t testing.TB, old, new string) []byte {
	t.Helper()
	b := encode(t, small())
	nj := int(binary.LittleEndian.Uint64(b[offJSONLen:]))
	js := string(b[headerSize : headerSize+nj])
	if !strings.Contains(js, old) {
		t.Fatalf("the JSON section has no %q: %s", old, js)
	}
	return build(strings.Replace(js, old, new, 1), b[alignUp(headerSize+nj):])
}

// build makes a file of a JSON section and data, checksums true.
func build(js string, data []byte) []byte { return buildMinor(0, js, data) }

// buildMinor is build with a minor version.
func buildMinor(minor uint16, js string, data []byte) []byte {
	start := alignUp(headerSize + len(js))
	b := make([]byte, start+len(data))
	copy(b, magic)
	binary.LittleEndian.PutUint16(b[offVersion:], major)
	binary.LittleEndian.PutUint16(b[offVersion+2:], minor)
	binary.LittleEndian.PutUint32(b[offHeader:], headerSize)
	binary.LittleEndian.PutUint64(b[offJSONLen:], uint64(len(js)))
	copy(b[headerSize:], js)
	copy(b[start:], data)
	return reseal(b)
}

func TestRoundTrip(t *testing.T) {
	m := small()
	b := encode(t, m)
	got, err := Read(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, m) {
		t.Errorf("got %+v, want %+v", got, m)
	}
	if !bytes.Equal(encode(t, got), b) {
		t.Error("write(read(f)) is not f")
	}
	if tt := got.Tensor("c.w"); tt == nil || tt.Data[1] != 2 {
		t.Errorf("Tensor(c.w) = %v", tt)
	}
	if got.Tensor("nobody") != nil || got.Tensor("") != nil || got.Tensor("z") != nil {
		t.Error("a tensor that is not there was found")
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.rfl")
	if err := WriteFile(path, small()); err != nil {
		t.Fatal(err)
	}
	if m, err := ReadFile(path); err != nil || !reflect.DeepEqual(m, small()) {
		t.Errorf("ReadFile: %v, %v", m, err)
	}
	b, _ := os.ReadFile(path)
	if m, err := ReadFS(fstest.MapFS{"a/m.rfl": {Data: b}}, "a/m.rfl"); err != nil || m.Name != "small" {
		t.Errorf("ReadFS: %v, %v", m, err)
	}
	var buf bytes.Buffer
	if err := Write(&buf, small()); err != nil || !bytes.Equal(buf.Bytes(), b) {
		t.Errorf("Write: %v, or other bytes than WriteFile", err)
	}
	bad := small()
	bad.Tensors[0].Data[0] = float32(math.NaN())
	if err := WriteFile(path, bad); err == nil {
		t.Error("a NaN was written")
	}
	if err := WriteFile(filepath.Join(dir, "none", "m.rfl"), small()); err == nil {
		t.Error("a file was written into a folder that is not there")
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(after, b) {
		t.Error("a write that failed changed the file")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := ReadFile(dir); !errors.Is(err, ErrNotRFL) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := ReadFile(path, WithMaxFile(100)); !errors.Is(err, ErrLimit) {
		t.Errorf("a file over the limit: %v", err)
	}
}

func TestTruncated(t *testing.T) {
	b := encode(t, small())
	for n := range b {
		if _, err := Read(b[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were accepted", n, len(b))
		}
		if _, err := Read(reseal(bytes.Clone(b[:n]))); err == nil {
			t.Fatalf("the first %d of %d bytes were accepted with true checksums", n, len(b))
		}
	}
	if _, err := Read(append(bytes.Clone(b), 0)); !errors.Is(err, ErrTruncated) {
		t.Errorf("a trailing byte: %v", err)
	}
	if _, err := Read(reseal(append(bytes.Clone(b), 0))); !errors.Is(err, ErrInvalid) {
		t.Errorf("a trailing byte inside the data section: %v", err)
	}
}

// Every single bit matters: with the checksums as they were it is an error,
// with true ones an error or another model, and never one that encodes to other bytes.
func TestBitFlips(t *testing.T) {
	b := encode(t, small())
	for i := range 8 * len(b) {
		c := bytes.Clone(b)
		c[i/8] ^= 1 << (i % 8)
		if _, err := Read(c); err == nil {
			t.Fatalf("bit %d of byte %d: accepted", i%8, i/8)
		}
		c = reseal(c)
		if m, err := Read(c); err == nil && !bytes.Equal(encode(t, m), c) {
			t.Fatalf("bit %d of byte %d: read, but written otherwise", i%8, i/8)
		}
	}
}

// The classes of contents that break parsers, each with its name.
func TestHostile(t *testing.T) {
	huge := strings.Repeat("9", 18)
	for _, c := range []struct {
		name     string
		old, new string
		want     error
	}{
		{"count times size overflows", `"shape":[4,2,1,1]`, `"shape":[` + huge + `,4294967296,4,4]`, ErrLimit},
		{"product overflows to the right size", `"shape":[4,2,1,1]`, `"shape":[4294967296,4294967296,4294967296,8]`, ErrLimit},
		{"product wraps around to the right size", `"shape":[4,2,1,1]`, `"shape":[4,4611686018427387906,1,1]`, ErrLimit},
		{"unchecked field sizes an allocation", `"shape":[4],"offset":0,"bytes":16`, `"shape":[268435456],"offset":0,"bytes":1073741824`, ErrInvalid},
		{"negative dimension", `"shape":[4,2,1,1]`, `"shape":[-4,-2,1,1]`, ErrInvalid},
		{"zero dimension", `"shape":[4,2,1,1]`, `"shape":[0,2,1,1]`, ErrInvalid},
		{"no shape", `"shape":[4,2,1,1]`, `"shape":null`, ErrInvalid},
		{"too many dimensions", `"shape":[4,2,1,1]`, `"shape":[4,2,1,1,1,1,1,1,1]`, ErrLimit},
		{"offset overlaps", `"offset":64`, `"offset":0`, ErrInvalid},
		{"offset leaves a hole", `"offset":64`, `"offset":128`, ErrInvalid},
		{"offset outside", `"offset":64`, `"offset":` + huge, ErrInvalid},
		{"negative offset", `"offset":64`, `"offset":-64`, ErrInvalid},
		{"bytes do not match the shape", `"bytes":16`, `"bytes":12`, ErrInvalid},
		{"negative bytes", `"bytes":16`, `"bytes":-16`, ErrInvalid},
		{"unknown dtype", `"dtype":"f16"`, `"dtype":"f64"`, ErrInvalid},
		{"duplicated tensor name", `"name":"c.w"`, `"name":"c.b"`, ErrInvalid},
		{"duplicated node name", `"name":"s","op"`, `"name":"c","op"`, ErrInvalid},
		{"duplicated value", `"out":["y"]`, `"out":["c"]`, ErrInvalid},
		{"value before it is written", `"in":["x"]`, `"in":["y"]`, ErrInvalid},
		{"unknown value", `"in":["c"]`, `"in":["nobody"]`, ErrInvalid},
		{"unknown output", `"outputs":["y"]`, `"outputs":["z"]`, ErrInvalid},
		{"no outputs", `"outputs":["y"]`, `"outputs":[]`, ErrInvalid},
		{"no inputs", `"in":["c"]`, `"in":[]`, ErrInvalid},
		{"unknown tensor", `"weight":"c.w"`, `"weight":"c.x"`, ErrInvalid},
		{"tensor that nobody names", `"weight":"c.w"`, `"weight":"c.b"`, ErrInvalid},
		{"text where a number is wanted", `"offset":64`, `"offset":"64"`, ErrInvalid},
		{"fraction where an integer is wanted", `"groups":[2]`, `"groups":[2.5]`, ErrInvalid},
		{"attribute beyond 32 bits", `"groups":[2]`, `"groups":[` + huge + `]`, ErrLimit},
		{"number beyond 64 bits", `"groups":[2]`, `"groups":[` + huge + huge + `]`, ErrInvalid},
		{"missing section", `"graph":`, `"graf":`, ErrInvalid},
		{"missing tensor directory", `"tensors":[`, `"tensor":[`, ErrInvalid},
		{"missing provenance", `,"provenance":`, `,"proven":`, ErrInvalid},
		{"missing shape", `"shape":[4],`, ``, ErrInvalid},
		{"null where a list is wanted", `"perm":[0,2,1,3]`, `"perm":null`, ErrInvalid},
		{"null where a shape is wanted", `"shape":[4],"offset":0,"bytes":16`, `"shape":null,"offset":0,"bytes":4`, ErrInvalid},
		{"list where text is wanted", `"op":"shuffle"`, `"op":["shuffle"]`, ErrInvalid},
		{"unknown key", `{"name":"small"`, `{"name":"small","more":1`, ErrInvalid},
		{"doubled key", `{"name":"small"`, `{"name":"small","name":"small"`, ErrInvalid},
		{"doubled attribute", `"groups":[2]`, `"groups":[2],"groups":[2]`, ErrInvalid},
		{"doubled tensor role", `"weight":"c.w"`, `"weight":"c.w","weight":"c.w"`, ErrInvalid},
		{"attributes out of order", `"groups":[2],"kernel":[1,1]`, `"kernel":[1,1],"groups":[2]`, ErrInvalid},
		{"space", `{"name":"small"`, `{ "name":"small"`, ErrInvalid},
		{"trailing data", `{"name":"small"`, `{}{"name":"small"`, ErrInvalid},
		{"not UTF-8", `"name":"small"`, "\"name\":\"sm\xff\"", ErrInvalid},
		{"escaped where it need not be", `"name":"small"`, `"name":"sm\u0061ll"`, ErrInvalid},
		{"keys out of order", `"op":"shuffle","in":["c"]`, `"in":["c"],"op":"shuffle"`, ErrInvalid},
		{"empty label", `"labels":["a"`, `"labels":[""`, ErrInvalid},
		{"unknown filter", `"bilinear"`, `"lanczos"`, ErrInvalid},
		{"unknown order", `"rgb"`, `"rgba"`, ErrInvalid},
		{"crop of nothing", `"crop":[2,2]`, `"crop":[0,2]`, ErrInvalid},
		{"crop too large", `"crop":[2,2]`, `"crop":[100000,2]`, ErrInvalid},
		{"deviation of zero", `"std":[1,`, `"std":[0,`, ErrInvalid},
		{"one mean for three channels", `"mean":[0.5,0.25,1e-7]`, `"mean":[0.5]`, ErrInvalid},
		{"reference to another file", `"weight":"c.w"`, `"weight":"../c.w"`, ErrInvalid},
		{"path of another file beside a tensor", `"dtype":"f16"`, `"dtype":"f16","location":"/etc/passwd"`, ErrInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Read(withJSON(t, c.old, c.new))
			var fe *FormatError
			want := c.want
			if strconv.IntSize == 32 && errors.Is(err, ErrInvalid) {
				want = ErrInvalid // there the number does not even fit an int
			}
			if !errors.Is(err, want) || !errors.As(err, &fe) || m != nil {
				t.Fatalf("got %v, want %v", err, want)
			}
			if fe.Where == "" || fe.Got == "" || fe.Want == "" || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error does not say where, got and wanted on one line: %v", err)
			}
		})
	}
	if _, err := Read(build("null", nil)); !errors.Is(err, ErrInvalid) {
		t.Errorf("null: %v", err)
	}
	deep := strings.Repeat("[", 1<<16)
	if _, err := Read(build(deep, nil)); !errors.Is(err, ErrInvalid) {
		t.Errorf("deep nesting: %v", err)
	}
}

func TestHeader(t *testing.T) {
	le := binary.LittleEndian
	for _, c := range []struct {
		name string
		edit func(b []byte)
		want error
	}{
		{"magic", func(b []byte) { b[0] = 'R' }, ErrNotRFL},
		{"major", func(b []byte) { le.PutUint16(b[offVersion:], 2) }, ErrVersion},
		{"minor", func(b []byte) { le.PutUint16(b[offVersion+2:], 1) }, ErrVersion},
		{"header length", func(b []byte) { le.PutUint32(b[offHeader:], 128) }, ErrInvalid},
		{"reserved", func(b []byte) { b[offReserved+3] = 1 }, ErrInvalid},
		{"JSON length beyond the file", func(b []byte) { le.PutUint64(b[offJSONLen:], 1<<20) }, ErrTruncated},
		{"JSON length beyond 64 bits", func(b []byte) { le.PutUint64(b[offJSONLen:], math.MaxUint64) }, ErrLimit},
		{"data length beyond 64 bits", func(b []byte) { le.PutUint64(b[offDataLen:], math.MaxUint64) }, ErrLimit},
		{"data length beyond the file", func(b []byte) { le.PutUint64(b[offDataLen:], 1<<20) }, ErrTruncated},
		{"data shorter than the file", func(b []byte) { le.PutUint64(b[offDataLen:], 1) }, ErrTruncated},
		{"data checksum", func(b []byte) { b[offDataSum]++ }, ErrChecksum},
		{"JSON checksum", func(b []byte) { b[offJSONSum]++ }, ErrChecksum},
	} {
		b := encode(t, small())
		c.edit(b)
		le.PutUint32(b[offSum:], sum(b[:offSum]))
		if _, err := Read(b); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	b := encode(t, small())
	nj := int(le.Uint64(b[offJSONLen:]))
	if pad := b[headerSize+nj : alignUp(headerSize+nj)]; len(pad) > 0 {
		pad[0] = 1
		if _, err := Read(b); !errors.Is(err, ErrInvalid) {
			t.Errorf("padding: got %v", err)
		}
	}
}

func TestNotFinite(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		m := small()
		m.Tensors[0].Data[2] = float32(v)
		if _, err := m.Encode(); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "index 2") {
			t.Errorf("%v: got %v", v, err)
		}
	}
	m := small()
	m.Tensors[1].Data[3] = 65520
	if _, err := m.Encode(); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "c.w") {
		t.Errorf("float16 overflow: got %v", err)
	}
	b := encode(t, small())
	binary.LittleEndian.PutUint32(b[len(b)-64-16:], 0x7f800000)
	if _, err := Read(reseal(b)); !errors.Is(err, ErrInvalid) {
		t.Errorf("an infinity in the file: got %v", err)
	}
}

// A reader may allocate a small multiple of what it was given, no matter what
// that says of itself.
func allocated(b []byte) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	Read(b)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestAllocationBound(t *testing.T) {
	for _, js := range []string{
		`{"name":"` + strings.Repeat("a", 1<<16) + `"}`,
		`{"name":"","graph":{"inputs":[],"outputs":[` + strings.Repeat(`"",`, 1<<16) + `""]}}`,
		`{"name":"","graph":{"inputs":[],"outputs":[],"nodes":[` + strings.Repeat(`{},`, 1<<15) + `{}]}}`,
		`{"name":"","graph":{"inputs":[],"outputs":[],"nodes":[` + strings.Repeat(`{"name":"","op":"","in":[],"out":[]},`, 1<<12) + `{}]}}`,
		`{"tensors":[` + strings.Repeat(`{},`, 1<<15) + `{}]}`,
		`{"name":"","graph":{"inputs":[{"name":"x","shape":[` + strings.Repeat(`1,`, 1<<16) + `1]}]}}`,
	} {
		b := build(js, nil)
		if got := allocated(b); got > 64*uint64(len(b))+1<<16 {
			t.Errorf("%.60s...: %d bytes allocated for a file of %d", js, got, len(b))
		}
	}
}
