package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
)

// sameFromFile checks that a file read piece by piece is what it is in memory,
// error for error.
func sameFromFile(t *testing.T, b []byte) {
	t.Helper()
	want, wantErr := Read(b)
	got, err := ReadFS(fstest.MapFS{"f": {Data: b}}, "f")
	if !reflect.DeepEqual(got, want) || (err == nil) != (wantErr == nil) || err != nil && err.Error() != "f: "+wantErr.Error() {
		t.Fatalf("%d bytes: from a file %v, %v; from memory %v, %v", len(b), got != nil, err, want != nil, wantErr)
	}
}

func TestFromFile(t *testing.T) {
	b := encode(t, small())
	sameFromFile(t, b)
	for n := range b {
		sameFromFile(t, b[:n])
		sameFromFile(t, reseal(bytes.Clone(b[:n])))
	}
	for i := range 8 * len(b) {
		c := bytes.Clone(b)
		c[i/8] ^= 1 << (i % 8)
		sameFromFile(t, c)
		if i%3 == 0 {
			sameFromFile(t, reseal(c))
		}
	}
}

// large is a model of several pieces, both element types and gaps of all sizes.
func large() *Model {
	rng := rand.New(rand.NewPCG(8, 9))
	m := &Model{Graph: Graph{Inputs: []Value{{"x", []int{1}}}, Outputs: []string{"y"}}}
	n := Node{Name: "n", Op: "o", Inputs: []string{"x"}, Outputs: []string{"y"}, Tensors: map[string]string{}}
	for total, i := 0, 0; total < 30*pieceBytes; i++ {
		t := Tensor{Name: string(rune('a'+i/26)) + string(rune('a'+i%26)), DType: DType(i % 2), Shape: []int{1 + rng.IntN(1<<uint(1+rng.IntN(16)))}}
		if i == 40 {
			t.Shape[0] = pieceBytes // several whole pieces
		}
		t.Data = make([]float32, t.Shape[0])
		for k := range t.Data {
			t.Data[k] = fromHalf(toHalf(float32(rng.NormFloat64()) * 1e-3))
		}
		n.Tensors[t.Name] = t.Name
		total += len(t.Data) * t.DType.Size()
		m.Tensors = append(m.Tensors, t)
	}
	m.Graph.Nodes = []Node{n}
	return m
}

func TestPieces(t *testing.T) {
	m := large()
	b := encode(t, m)
	entries, size := directory(m.Tensors)
	data := len(b) - size
	for _, threads := range []int{1, 3} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
		if got, err := Read(b); err != nil || !reflect.DeepEqual(got, m) {
			t.Fatalf("%d threads: %v, or another model", threads, err)
		}
		sameFromFile(t, b)
		// What is wrong in a tensor or behind it is found in any piece.
		for i := threads; i < len(entries); i += 23 {
			e := entries[i]
			c := bytes.Clone(b)
			last := data + e.Offset + e.Bytes
			c[last-1], c[last-2] = 0x7f, 0xff
			c = reseal(c)
			if _, err := Read(c); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), `"`+e.Name+`"`) || !strings.Contains(err.Error(), "NaN at index") {
				t.Fatalf("a NaN at the end of tensor %d: %v", i, err)
			}
			sameFromFile(t, c)
			if i+1 < len(entries) && entries[i+1].Offset > e.Offset+e.Bytes {
				c := bytes.Clone(b)
				c[last] = 1
				if _, err := Read(reseal(c)); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "padding before tensor") {
					t.Fatalf("behind tensor %d: %v", i, err)
				}
				sameFromFile(t, c)
			}
		}
	}
}

// turning is a file that is another one from some read on.
type turning struct {
	fs.File
	a, b  *bytes.Reader
	reads *int
	turn  int
}

func (f turning) ReadAt(p []byte, off int64) (int, error) {
	*f.reads++
	if *f.reads > f.turn {
		return f.b.ReadAt(p, off)
	}
	return f.a.ReadAt(p, off)
}

// A file that changes or shrinks between its two readings is an error.
func TestFileThatChanges(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	b := encode(t, large())
	other := bytes.Clone(b)
	for i := len(other) - 4*pieceBytes; i < len(other); i += 1000 {
		other[i] ^= 1 // finite still
	}
	open := func(turn int, b2 []byte) error {
		f, err := fstest.MapFS{"f": {Data: b}}.Open("f")
		if err != nil {
			t.Fatal(err)
		}
		reads := 0
		_, err = readFrom(turning{f, bytes.NewReader(b), bytes.NewReader(b2), &reads, turn}, "f", nil)
		if turn >= 1000 && reads < 60 {
			t.Fatalf("%d reads of a file of %d pieces, want it read twice", reads, len(b)/pieceBytes)
		}
		return err
	}
	if err := open(1000, nil); err != nil {
		t.Fatal(err)
	}
	for turn := 0; turn < 60; turn += 3 {
		if err := open(turn, other); !errors.Is(err, ErrChecksum) {
			t.Fatalf("another file after %d reads: %v", turn, err)
		}
		if err := open(turn, b[:len(b)-1]); !errors.Is(err, ErrTruncated) {
			t.Fatalf("a shorter file after %d reads: %v", turn, err)
		}
	}
}

// Every half, and the floats on either side of what is finite, in every place of
// the loops: the same bits as one by one, and what is not finite is seen.
func TestDecode(t *testing.T) {
	const n = 7 // once through the unrolled loop, and what is left
	half, single := make([]byte, 2*n), make([]byte, 4*n)
	got := make([]float32, n)
	for i := range n {
		binary.LittleEndian.PutUint16(half[2*i:], 0xfbff)
		binary.LittleEndian.PutUint32(single[4*i:], 0xff7fffff)
	}
	for h := range 1 << 16 {
		i := h * 5 % n
		binary.LittleEndian.PutUint16(half[2*i:], uint16(h))
		finite := h&0x7c00 != 0x7c00
		if ok := decodeHalves(got, half); ok != finite {
			t.Fatalf("%04x at %d: finite %v, want %v", h, i, ok, finite)
		}
		if want := fromHalf(uint16(h)); finite && math.Float32bits(got[i]) != math.Float32bits(want) {
			t.Fatalf("%04x at %d: got %v, want %v", h, i, got[i], want)
		}
		binary.LittleEndian.PutUint16(half[2*i:], 0xfbff)
	}
	for _, x := range []uint32{0, 1, 0x3f800000, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000, 0x7fffffff} {
		for i := range 2 * n {
			x := x | uint32(i/n)<<31
			i := i % n
			binary.LittleEndian.PutUint32(single[4*i:], x)
			finite := x&0x7f800000 != 0x7f800000
			if ok := decodeFloats(got, single); ok != finite {
				t.Fatalf("%08x at %d: finite %v, want %v", x, i, ok, finite)
			}
			if math.Float32bits(got[i]) != x {
				t.Fatalf("%08x at %d: got %08x", x, i, math.Float32bits(got[i]))
			}
			binary.LittleEndian.PutUint32(single[4*i:], 0xff7fffff)
		}
	}
}
