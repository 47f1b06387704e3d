package weights

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Each limit refuses what is one over it, and takes what is at it.
func TestLimits(t *testing.T) {
	b := encode(t, small())
	nj := int(binary.LittleEndian.Uint64(b[offJSONLen:]))
	for _, c := range []struct {
		name   string
		option func(int) Option
		at     int
	}{
		{"file", WithMaxFile, len(b)}, {"JSON", WithMaxJSON, nj}, {"nodes", WithMaxNodes, 2}, {"tensors", WithMaxTensors, 2},
		{"elements", WithMaxElements, 16}, {"dimensions", WithMaxDims, 4}, {"labels", WithMaxLabels, 4},
	} {
		if _, err := Read(b, c.option(c.at)); err != nil {
			t.Errorf("%s: at the limit of %d: %v", c.name, c.at, err)
		}
		for _, n := range []int{c.at - 1, 0, -1, math.MinInt} {
			if _, err := Read(b, c.option(n)); !errors.Is(err, ErrLimit) {
				t.Errorf("%s: a limit of %d: got %v, want ErrLimit", c.name, n, err)
			}
		}
		if _, err := Read(b, c.option(math.MaxInt)); err != nil {
			t.Errorf("%s: no limit: %v", c.name, err)
		}
	}
	long := small()
	long.Labels[0] = strings.Repeat("x", 1<<12+1)
	if err := long.Check(); !errors.Is(err, ErrLimit) {
		t.Errorf("a name of 4097 bytes: %v", err)
	}
	long.Labels[0] = long.Labels[0][1:]
	if err := long.Check(); err != nil {
		t.Errorf("a name of 4096 bytes: %v", err)
	}
}

// What [Read] promises of allocation holds for files whose header and directory lie.
func TestAllocationBoundOfLies(t *testing.T) {
	le := binary.LittleEndian
	small := encode(t, small())
	for name, b := range map[string][]byte{
		"an honest file":     small,
		"a JSON length":      edited(small, func(b []byte) { le.PutUint64(b[offJSONLen:], 15<<20) }),
		"a data length":      edited(small, func(b []byte) { le.PutUint64(b[offDataLen:], 1<<29) }),
		"a shape":            withJSON(t, `"shape":[4],"offset":0,"bytes":16`, `"shape":[268435456],"offset":0,"bytes":1073741824`),
		"a shape and offset": withJSON(t, `"shape":[4,2,1,1],"offset":64,"bytes":16`, `"shape":[67108864],"offset":64,"bytes":134217728`),
		"an input's shape":   withJSON(t, `"shape":[4,2,2]`, `"shape":[4096,256,256]`),
		"a crop":             withJSON(t, `"crop":[2,2]`, `"crop":[16384,16384]`),
		"zeros":              make([]byte, 1<<20),
		"a header alone":     edited(small[:headerSize], func([]byte) {}),
	} {
		if got := allocated(b); got > 64*uint64(len(b))+1<<16 {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, got, len(b))
		}
		path := filepath.Join(t.TempDir(), "m.rfl")
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		ReadFile(path)
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 64*uint64(len(b))+1<<16 {
			t.Errorf("%s: %d bytes allocated to read a file of %d", name, got, len(b))
		}
	}
}

func edited(b []byte, edit func([]byte)) []byte {
	c := bytes.Clone(b)
	edit(c)
	binary.LittleEndian.PutUint32(c[offSum:], sum(c[:offSum]))
	return c
}

// strange is a file that says anything of its size, and yields anything.
type strange struct {
	r    io.Reader
	size int64
	stat error
	read *int // bytes that were asked of it
}

func (s strange) Stat() (fs.FileInfo, error) { return s, s.stat }
func (s strange) Close() error               { return nil }
func (s strange) Name() string               { return "m.rfl" }
func (s strange) Size() int64                { return s.size }
func (s strange) Mode() fs.FileMode          { return 0 }
func (s strange) ModTime() time.Time         { return time.Time{} }
func (s strange) IsDir() bool                { return false }
func (s strange) Sys() any                   { return nil }
func (s strange) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	*s.read += n
	return n, err
}
func (s strange) Open(string) (fs.File, error) { return s, nil }

type endless struct{ b byte }

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.b
	}
	return len(p), nil
}

// A file that is endless, that grows, shrinks or fails while it is read, or
// whose size is a lie, is an error or the model, and is not read further than
// its header says.
func TestFileThatChangesWhileRead(t *testing.T) {
	b := encode(t, small())
	broken := errors.New("broken disk")
	for _, c := range []struct {
		name string
		f    strange
		want error // nil: the model
		most int   // bytes to read
	}{
		{"honest", strange{r: bytes.NewReader(b), size: int64(len(b))}, nil, len(b)},
		{"a pipe, which has no size", strange{r: bytes.NewReader(b)}, nil, len(b)},
		{"a size too small", strange{r: bytes.NewReader(b), size: 70}, nil, len(b)},
		{"a size too large", strange{r: bytes.NewReader(b), size: 1 << 40}, nil, len(b)},
		{"a negative size", strange{r: bytes.NewReader(b), size: -1}, nil, len(b)},
		{"cut while it is read", strange{r: bytes.NewReader(b[:len(b)/2]), size: int64(len(b))}, ErrTruncated, len(b)},
		{"grows while it is read", strange{r: io.MultiReader(bytes.NewReader(b), endless{}), size: int64(len(b))}, ErrTruncated, len(b) + 1},
		{"endless zeros", strange{r: endless{}}, ErrNotRFL, headerSize},
		{"endless noise", strange{r: endless{0x89}, size: 1 << 62}, ErrNotRFL, headerSize},
		{"no size to be had", strange{r: bytes.NewReader(b), stat: broken}, broken, 0},
		{"fails in the header", strange{r: io.MultiReader(bytes.NewReader(b[:9]), failing{broken})}, broken, headerSize},
		{"fails later", strange{r: io.MultiReader(bytes.NewReader(b[:200]), failing{broken})}, broken, len(b)},
	} {
		read := 0
		c.f.read = &read
		m, err := ReadFS(c.f, "m.rfl")
		if !errors.Is(err, c.want) || (c.want == nil) != (m != nil) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		if read > c.most {
			t.Errorf("%s: %d bytes were read, want at most %d", c.name, read, c.most)
		}
		if err != nil && !strings.Contains(err.Error(), "m.rfl") {
			t.Errorf("%s: %v does not name the file", c.name, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// FuzzReadEdits changes what a file says without breaking its form: numbers,
// names, lists and objects of the JSON section, values of tensors; canonical
// form, lengths and checksums are made anew, so that what lies behind them is
// reached every time.
func FuzzReadEdits(f *testing.F) {
	for i := range uint64(64) {
		f.Add(i, uint8(i))
	}
	base := encode(f, small())
	nj := int(binary.LittleEndian.Uint64(base[offJSONLen:]))
	f.Fuzz(func(t *testing.T, random uint64, edits uint8) {
		rng := rand.New(rand.NewPCG(random, 1))
		var d document
		if err := json.Unmarshal(base[headerSize:headerSize+nj], &d); err != nil {
			t.Fatal(err)
		}
		data := bytes.Clone(base[alignUp(headerSize+nj):])
		for range edits % 5 {
			spoil(&d, rng)
		}
		if rng.IntN(2) == 0 { // offsets as the layout wants them, so that others are reached
			end := 0
			for i := range d.Tensors {
				e := &d.Tensors[i]
				if e.Bytes >= 0 && e.Bytes < 1<<12 {
					e.Offset = alignUp(end)
					end = e.Offset + e.Bytes
				}
			}
			data = append(data, make([]byte, max(0, end-len(data)))...)[:max(0, end)]
		}
		if len(data) > 0 && rng.IntN(3) == 0 {
			data[rng.IntN(len(data))] ^= 1 << rng.IntN(8)
		}
		js, err := d.canonical()
		if err != nil {
			return // a number that JSON does not have
		}
		b := build(string(js), data)
		m, err := Read(b)
		if err != nil {
			var fe *FormatError
			if !errors.As(err, &fe) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("not a one-line FormatError: %v", err)
			}
			if errors.Is(err, ErrChecksum) || errors.Is(err, ErrTruncated) || errors.Is(err, ErrNotRFL) {
				t.Fatalf("the file is well formed, got %v", err)
			}
			return
		}
		if err := m.Check(); err != nil {
			t.Fatalf("read, but: %v", err)
		}
		if again := encode(t, m); !bytes.Equal(again, b) {
			t.Fatalf("write(read(f)) is not f:\n%q\n%q", again, b)
		}
	})
}

// spoil makes one change.
func spoil(d *document, rng *rand.Rand) {
	number := func(now int) int {
		list := []int{0, 1, -1, 64, 63, 65, 1 << 20, math.MaxInt32, math.MinInt32, math.MaxInt, math.MinInt, now - 1, now + 1, 2 * now}
		return list[rng.IntN(len(list))]
	}
	name := func() string {
		list := []string{"", "x", "c", "y", "c.b", "c.w", "a", "../x", "\x00", "\u2028", strings.Repeat("n", 5000), "\xff"}
		return list[rng.IntN(len(list))]
	}
	list := func(v []string) []string {
		v = append([]string(nil), v...)
		switch rng.IntN(3) {
		case 0:
			return append(v, name())
		case 1:
			return v[:len(v)/2]
		}
		if len(v) > 0 {
			v[rng.IntN(len(v))] = name()
		}
		return v
	}
	ints := func(v []int) []int {
		v = append([]int(nil), v...)
		switch rng.IntN(4) {
		case 0:
			return append(v, number(1))
		case 1:
			return v[:len(v)/2]
		}
		if len(v) > 0 {
			i := rng.IntN(len(v))
			v[i] = number(v[i])
		}
		return v
	}
	n := &d.Graph.Nodes[rng.IntN(len(d.Graph.Nodes))]
	e := &d.Tensors[rng.IntN(len(d.Tensors))]
	switch rng.IntN(20) {
	case 0:
		e.Name = name()
	case 1:
		e.DType = []string{"f32", "f16", "f64", ""}[rng.IntN(4)]
	case 2, 3:
		e.Shape = ints(e.Shape)
	case 4:
		e.Offset = number(e.Offset)
	case 5:
		e.Bytes = number(e.Bytes)
	case 6: // of another size, all of it true
		e.Shape = []int{1 + rng.IntN(9), 1 + rng.IntN(9)}
		e.DType = []string{"f32", "f16"}[rng.IntN(2)]
		e.Bytes = e.Shape[0] * e.Shape[1] * map[string]int{"f32": 4, "f16": 2}[e.DType]
	case 7:
		n.Name = name()
	case 8:
		n.Op = name()
	case 9:
		n.Inputs = list(n.Inputs)
	case 10:
		n.Outputs = list(n.Outputs)
	case 11, 12:
		for k, v := range n.Attrs {
			n.Attrs[k] = ints(v)
		}
	case 13:
		if n.Attrs == nil {
			n.Attrs = map[string][]int{}
		}
		n.Attrs[name()] = []int{number(3)}
	case 14:
		for k := range n.Tensors {
			n.Tensors[k] = name()
		}
	case 15:
		d.Graph.Outputs = list(d.Graph.Outputs)
	case 16:
		d.Graph.Inputs[0].Shape = ints(d.Graph.Inputs[0].Shape)
	case 17:
		d.Labels = list(d.Labels)
	case 18:
		p := d.Preprocess
		if p == nil {
			return
		}
		switch rng.IntN(5) {
		case 0:
			p.Resize = number(p.Resize)
		case 1:
			p.Crop[rng.IntN(2)] = number(p.Crop[0])
		case 2:
			p.Std[0] = []float64{0, -1, math.SmallestNonzeroFloat64, math.MaxFloat64, 1e-6}[rng.IntN(5)]
		case 3:
			p.Mean = p.Mean[:len(p.Mean)/2]
		default:
			d.Preprocess = nil
		}
	case 19: // twice
		if rng.IntN(2) == 0 {
			d.Tensors = append(d.Tensors, *e)
		} else {
			d.Graph.Nodes = append(d.Graph.Nodes, *n)
		}
	}
}

// FuzzSection: the parser of the one form against encoding/json, which accepts
// many and is held to the one by encoding again.
func FuzzSection(f *testing.F) {
	b := encode(f, small())
	js := b[headerSize:][:binary.LittleEndian.Uint64(b[offJSONLen:])]
	f.Add(js)
	f.Add([]byte(`{"name":"","graph":{"inputs":[],"outputs":[],"nodes":[]},"tensors":[],"provenance":{}}`))
	for _, s := range []string{`"\u2028\ud800"`, `"\\\"\b"`, `-0`, `1e-7`, `1e+21`, `[[[[`, `null`} {
		f.Add([]byte(strings.Replace(string(js), `"small"`, s, 1)))
		f.Add([]byte(strings.Replace(string(js), `1e-7`, s, 1)))
	}
	f.Fuzz(func(t *testing.T, js []byte) { checkSection(t, js) })
}
