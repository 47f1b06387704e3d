package npy_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/riffle-ml/riffle/internal/npy"
)

// What NumPy 2 writes: numpy.save(f, numpy.arange(6, dtype='<f4').reshape(2, 3)).
var numpy23 = "\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }" + strings.Repeat(" ", 58) +
	"\n\x00\x00\x00\x00\x00\x00\x80?\x00\x00\x00@\x00\x00@@\x00\x00\x80@\x00\x00\xa0@"

// write is the whole file of an array.
func write(t testing.TB, shape []int, data []float32) string {
	t.Helper()
	var b bytes.Buffer
	w, err := npy.NewWriter(&b, shape)
	if err != nil {
		t.Fatal(err)
	}
	for len(data) > 0 { // in pieces
		n := min(len(data), 5)
		if err := w.Write(data[:n]); err != nil {
			t.Fatal(err)
		}
		data = data[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// read is a whole file's shape and elements.
func read(r io.Reader) ([]int, []float32, error) {
	f, err := npy.NewReader(r)
	if err != nil {
		return nil, nil, err
	}
	data, one := []float32{}, make([]float32, 1)
	for {
		switch err := f.Read(one); err {
		case nil:
			data = append(data, one[0])
		case io.EOF:
			return f.Shape(), data, nil
		default:
			return nil, nil, err
		}
	}
}

// TestBytes: the bytes are NumPy's.
func TestBytes(t *testing.T) {
	if got := write(t, []int{2, 3}, []float32{0, 1, 2, 3, 4, 5}); got != numpy23 {
		t.Errorf("got  %q\nwant %q", got, numpy23)
	}
	for _, shape := range [][]int{{}, {7}, {1, 1, 1}, {0, 4}, {123456, 0}} {
		n := 1
		for _, d := range shape {
			n *= d
		}
		data := make([]float32, n)
		for i := range data {
			data[i] = float32(math.Sqrt(float64(i))) - 1
		}
		file := write(t, shape, data)
		if (len(file)-4*n)%64 != 0 {
			t.Errorf("%v: the elements begin at byte %d, want a multiple of 64", shape, len(file)-4*n)
		}
		s, d, err := read(iotest.HalfReader(strings.NewReader(file)))
		if err != nil || !slices.Equal(s, shape) || !slices.Equal(d, data) {
			t.Errorf("got shape %v, %d elements, error %v; want %v, %d", s, len(d), err, shape, n)
		}
	}
}

// file is a file of one element or a few with any header.
func file(header, data string) string {
	return "\x93NUMPY\x01\x00" + string([]byte{byte(len(header)), byte(len(header) >> 8)}) + header + data
}

func of(descr string) string {
	return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (1,), }\n"
}

func TestTypes(t *testing.T) {
	for descr, c := range map[string]struct {
		bytes string
		want  float32
	}{
		"<f4": {"\x00\x00\xc0\x3f", 1.5}, ">f4": {"\x3f\xc0\x00\x00", 1.5},
		"<f8": {"\x00\x00\x00\x00\x00\x00\xf8\xbf", -1.5}, ">f8": {"\x3f\xf0\x00\x00\x00\x00\x00\x00", 1},
		"<f2": {"\x00\x3e", 1.5}, ">f2": {"\xfb\xff", -65504},
		"|u1": {"\xff", 255}, "|i1": {"\xff", -1}, "|b1": {"\x01", 1},
		"<u2": {"\xff\xff", 65535}, "<i2": {"\xfe\xff", -2}, "<u4": {"\x00\x00\x00\x80", 1 << 31},
		"<i4": {"\xff\xff\xff\xff", -1}, "<u8": {"\x00\x00\x00\x00\x00\x00\x00\x80", 1 << 63}, ">i8": {"\xff\xff\xff\xff\xff\xff\xff\xff", -1},
	} {
		shape, data, err := read(strings.NewReader(file(of(descr), c.bytes)))
		if err != nil || len(shape) != 1 || len(data) != 1 || data[0] != c.want {
			t.Errorf("%s: got %v, %v, want %v", descr, data, err, c.want)
		}
	}
}

// TestHalf: a half's value is what its bits say: every pattern, computed in another way.
func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		_, data, err := read(strings.NewReader(file(of("<f2"), string([]byte{byte(h), byte(h >> 8)}))))
		if err != nil {
			t.Fatal(err)
		}
		e, m := h>>10&31, float64(h&1023)/1024
		want := math.Pow(2, float64(e-15)) * (1 + m)
		switch {
		case e == 0:
			want = math.Pow(2, -14) * m
		case e == 31 && m == 0:
			want = math.Inf(1)
		case e == 31:
			want = math.NaN()
		}
		if h >= 1<<15 {
			want = -want
		}
		if got := data[0]; got != float32(want) && !(math.IsNaN(want) && got != got) {
			t.Fatalf("%#04x: got %v, want %v", h, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for what, b := range map[string]string{
		"got 3 bytes, want a header":              "abc",
		"at the beginning":                        "PK\x03\x04 a zip file",
		"version 9.0":                             "\x93NUMPY\x09\x00\x00\x00",
		"a header of 4294967295 bytes":            "\x93NUMPY\x02\x00\xff\xff\xff\xff",
		"of the header, want 70":                  "\x93NUMPY\x01\x00\x46\x00{'descr'",
		"element type \"<c8\"":                    file(of("<c8"), "12345678"),
		"want a single element type":              file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "1234"),
		"columns before rows":                     file("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", "1234123412341234"),
		"want True or False":                      file("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }", "1234"),
		"want a tuple of sizes":                   file("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "1234"),
		`got ", }" in the header`:                 file("{'descr': '<f4', 'fortran_order': False, 'shape': (5), }", "1234"), // no tuple
		"want a comma":                            file("{'descr': '<f4' 'fortran_order': False}", "1234"),
		"twice":                                   file("{'descr': '<f4', 'descr': '<f4', 'shape': (1,), }", "1234"),
		"a header of 2 keys":                      file("{'descr': '<f4', 'shape': (1,), }", "1234"),
		"the key \"x\"":                           file("{'x': 1}", ""),
		"want the end of the header":              file(of("<f4")+"x", "1234"),
		"want fewer elements":                     file("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "1234"),
		"the file ends 1 bytes before the array":  file(of("<f4"), "123"),
		"the file ends 4 bytes before the array ": file(of("<f4"), ""),
	} {
		_, _, err := read(strings.NewReader(b))
		if !errors.Is(err, npy.ErrFormat) || !strings.Contains(err.Error(), what) {
			t.Errorf("got %v, want %q", err, what)
		}
	}
	broken := errors.New("the disk")
	if _, _, err := read(io.MultiReader(strings.NewReader(numpy23[:40]), iotest.ErrReader(broken))); err != broken {
		t.Errorf("got %v, want the reader's own error", err)
	}
}

// TestReadTooMany: more elements than there are left are an error, even where the file has
// more bytes; the last ones can still be read.
func TestReadTooMany(t *testing.T) {
	r, err := npy.NewReader(strings.NewReader(numpy23 + "more bytes behind the array"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Read(make([]float32, 7)); !errors.Is(err, npy.ErrFormat) || !strings.Contains(err.Error(), "got 6 elements at the end, want 7") {
		t.Errorf("7 elements of 6: got %v", err)
	}
	if err := r.Read(make([]float32, 6)); err != nil {
		t.Errorf("6 elements of 6: got %v", err)
	}
	if err := r.Read(make([]float32, 1)); err != io.EOF {
		t.Errorf("at the end: got %v, want EOF", err)
	}
}

func TestWriterCounts(t *testing.T) {
	w, err := npy.NewWriter(io.Discard, []int{2, 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(make([]float32, 5)); err == nil {
		t.Error("5 elements of 4: got no error")
	}
	if err := w.Write(make([]float32, 3)); err != nil {
		t.Error(err)
	}
	if err := w.Close(); err == nil {
		t.Error("3 elements of 4: got no error")
	}
}

// FuzzRead: no bytes make the reader panic, or take memory out of proportion; what it
// reads, the writer writes, and it reads the same again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(numpy23))
	f.Add([]byte(file(of(">f8"), "12345678")))
	f.Add([]byte(file("{'descr': '<f2', 'fortran_order': False, 'shape': (), }", "12")))
	f.Add([]byte(file("{\"shape\": (99999999999,), 'descr': '|u1', 'fortran_order': True}", "12")))
	f.Fuzz(func(t *testing.T, b []byte) {
		shape, data, err := read(bytes.NewReader(b))
		if err != nil {
			if !errors.Is(err, npy.ErrFormat) {
				t.Fatalf("got %v, want an error of ErrFormat", err)
			}
			return
		}
		if len(data) > len(b) {
			t.Fatalf("got %d elements out of %d bytes", len(data), len(b))
		}
		again, same, err := read(strings.NewReader(write(t, shape, data)))
		if err != nil || !slices.Equal(again, shape) || !slices.EqualFunc(same, data, func(x, y float32) bool {
			return math.Float32bits(x) == math.Float32bits(y) || x != x && y != y
		}) {
			t.Fatalf("got %v back, error %v, want %v", again, err, shape)
		}
	})
}

// TestMemory: a header that claims a terabyte costs little: under a mebibyte.
func TestMemory(t *testing.T) {
	b := file("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,), }", "12345678")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := npy.NewReader(strings.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Read(make([]float32, 2)); err == nil {
		t.Error("got two elements where there is one")
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("got %d bytes allocated", n)
	}
}
