package weights

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
)

// Read decodes a file in memory. It checks, in this order, size, checksums,
// limits, arithmetic, bounds and structure, and only then allocates tensors: at
// most twice the file's size for them. b is not kept. The error is a
// [FormatError]; Read never panics. A file that Read accepts is the file that
// [Model.Encode] makes of the result, byte for byte.
func Read(b []byte, opts ...Option) (*Model, error) {
	l := newLimits(opts)
	js, data, err := sections(b, &l)
	if err != nil {
		return nil, err
	}
	if n := objects(js); n > 8+len(js)/20 {
		// The canonical form has no object this short. Without this, a file of "{},"
		// would decode to a hundred times its size before it is refused.
		return nil, bad(ErrInvalid, "JSON", fmt.Sprintf("%d objects in %d bytes", n, len(js)), "20 bytes or more each")
	}
	var d document
	if err := json.Unmarshal(js, &d); err != nil {
		return nil, bad(ErrInvalid, "JSON", err, "the section that FORMAT.md describes")
	}
	// One form only. This finds unknown and doubled keys, spaces and trailing
	// data too: none of them would be written.
	again, err := d.canonical()
	if err != nil {
		return nil, bad(ErrInvalid, "JSON", err, "the section that FORMAT.md describes")
	}
	if !bytes.Equal(again, js) {
		at := 0
		for at < len(js) && at < len(again) && js[at] == again[at] {
			at++
		}
		return nil, bad(ErrInvalid, fmt.Sprintf("JSON, byte %d", at), around(js, at), around(again, at)+" (the canonical form)")
	}
	if err := d.check(&l); err != nil {
		return nil, err
	}
	if err := d.checkDirectory(&l, data); err != nil {
		return nil, err
	}
	m := &Model{Name: d.Name, Graph: d.Graph, Labels: d.Labels, Preprocess: d.Preprocess, Provenance: d.Provenance}
	m.Tensors = make([]Tensor, len(d.Tensors))
	for i, e := range d.Tensors {
		m.Tensors[i] = e.decode(data)
		if err := finite(fmt.Sprintf("tensor %q", e.Name), m.Tensors[i].Data); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// objects counts the opening braces outside strings.
func objects(js []byte) (n int) {
	quoted := false
	for i := 0; i < len(js); i++ {
		switch c := js[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == '{' && !quoted:
			n++
		}
	}
	return n
}

func around(b []byte, at int) string {
	return fmt.Sprintf("%q", b[at:min(len(b), at+24)])
}

func newLimits(opts []Option) limits {
	l := defaultLimits()
	for _, o := range opts {
		o(&l)
	}
	return l
}

// header checks the header that b begins with, and says where the data section
// starts and how long the file is: at most the limit.
func header(b []byte, l *limits) (start, size int, err error) {
	le := binary.LittleEndian
	switch {
	case len(b) < len(magic) || string(b[:len(magic)]) != magic:
		return 0, 0, bad(ErrNotRFL, "header", fmt.Sprintf("%q", b[:min(len(b), len(magic))]), fmt.Sprintf("%q", magic))
	case len(b) < headerSize:
		return 0, 0, bad(ErrTruncated, "header", fmt.Sprintf("%d bytes", len(b)), headerSize)
	case le.Uint32(b[offSum:]) != sum(b[:offSum]):
		return 0, 0, bad(ErrChecksum, "header", fmt.Sprintf("%08x", sum(b[:offSum])), fmt.Sprintf("%08x", le.Uint32(b[offSum:])))
	}
	if ma, mi := le.Uint16(b[offVersion:]), le.Uint16(b[offVersion+2:]); ma != major || mi != minor {
		return 0, 0, bad(ErrVersion, "header", fmt.Sprintf("%d.%d", ma, mi), fmt.Sprintf("%d.%d", major, minor))
	}
	for _, z := range b[offReserved:offSum] {
		if z != 0 {
			return 0, 0, bad(ErrInvalid, "header", "reserved bytes that are not 0", "zeros")
		}
	}
	if n := le.Uint32(b[offHeader:]); n != headerSize {
		return 0, 0, bad(ErrInvalid, "header", fmt.Sprintf("a header of %d bytes", n), headerSize)
	}
	nj, nd := le.Uint64(b[offJSONLen:]), le.Uint64(b[offDataLen:])
	if most := max(0, min(l.json, l.file, math.MaxInt-2*headerSize)); nj > uint64(most) {
		return 0, 0, bad(ErrLimit, "JSON", fmt.Sprintf("%d bytes", nj), fmt.Sprintf("at most %d", most))
	}
	start = alignUp(headerSize + int(nj))
	if start > l.file || nd > uint64(l.file-start) {
		return 0, 0, bad(ErrLimit, "file", fmt.Sprintf("%d bytes of JSON, %d of data", nj, nd), fmt.Sprintf("at most %d in all", l.file))
	}
	return start, start + int(nd), nil
}

// sections checks the header and returns the two sections.
func sections(b []byte, l *limits) (js, data []byte, err error) {
	if len(b) > l.file {
		return nil, nil, bad(ErrLimit, "file", fmt.Sprintf("%d bytes", len(b)), fmt.Sprintf("at most %d", l.file))
	}
	start, size, err := header(b, l)
	if err != nil {
		return nil, nil, err
	}
	le := binary.LittleEndian
	nj := int(le.Uint64(b[offJSONLen:]))
	if len(b) != size {
		return nil, nil, bad(ErrTruncated, "file", fmt.Sprintf("%d bytes", len(b)), fmt.Sprintf("%d (header %d, JSON %d, padding, data %d)", size, headerSize, nj, size-start))
	}
	js, data = b[headerSize:headerSize+nj], b[start:]
	if got := sum(js); got != le.Uint32(b[offJSONSum:]) {
		return nil, nil, bad(ErrChecksum, "JSON", fmt.Sprintf("%08x", got), fmt.Sprintf("%08x", le.Uint32(b[offJSONSum:])))
	}
	if got := sum(data); got != le.Uint32(b[offDataSum:]) {
		return nil, nil, bad(ErrChecksum, "data", fmt.Sprintf("%08x", got), fmt.Sprintf("%08x", le.Uint32(b[offDataSum:])))
	}
	if err := zeros("padding after the JSON", b[headerSize+nj:start]); err != nil {
		return nil, nil, err
	}
	return js, data, nil
}

func zeros(where string, b []byte) error {
	for _, z := range b {
		if z != 0 {
			return bad(ErrInvalid, where, fmt.Sprintf("%#02x", z), "zeros")
		}
	}
	return nil
}

// checkDirectory: every tensor lies where the layout puts it, nothing between
// but zeros, nothing behind.
func (d *document) checkDirectory(l *limits, data []byte) error {
	end := 0
	for i, e := range d.Tensors {
		where := fmt.Sprintf("tensor %q", e.Name)
		size := 0
		switch e.DType {
		case "f32":
			size = 4
		case "f16":
			size = 2
		default:
			return bad(ErrInvalid, where, fmt.Sprintf("dtype %q", e.DType), "f32 or f16")
		}
		n, err := l.elements(where, e.Shape)
		if err != nil {
			return err
		}
		if e.Bytes != n*size {
			return bad(ErrInvalid, where, fmt.Sprintf("%d bytes", e.Bytes), fmt.Sprintf("%d (shape %v, %s)", n*size, e.Shape, e.DType))
		}
		if at := alignUp(end); e.Offset != at {
			return bad(ErrInvalid, where, fmt.Sprintf("offset %d", e.Offset), at)
		}
		if e.Bytes > len(data)-e.Offset {
			return bad(ErrInvalid, where, fmt.Sprintf("bytes %d to %d", e.Offset, e.Offset+e.Bytes), fmt.Sprintf("inside the data section of %d", len(data)))
		}
		if err := zeros(fmt.Sprintf("padding before tensor %d", i), data[end:e.Offset]); err != nil {
			return err
		}
		end = e.Offset + e.Bytes
	}
	if end != len(data) {
		return bad(ErrInvalid, "data", fmt.Sprintf("%d bytes behind the last tensor", len(data)-end), "none")
	}
	return nil
}

// decode copies a tensor out of the data section. The entry is checked.
func (e *entry) decode(data []byte) Tensor {
	b := data[e.Offset : e.Offset+e.Bytes]
	le := binary.LittleEndian
	if e.DType == "f16" {
		t := Tensor{e.Name, Float16, e.Shape, make([]float32, len(b)/2)}
		for i := range t.Data {
			t.Data[i] = fromHalf(le.Uint16(b[2*i : 2*i+2]))
		}
		return t
	}
	t := Tensor{e.Name, Float32, e.Shape, make([]float32, len(b)/4)}
	for i := range t.Data {
		t.Data[i] = math.Float32frombits(le.Uint32(b[4*i : 4*i+4]))
	}
	return t
}

// ReadFile reads the file at path. It is read whole before it is looked at, so
// that replacing or cutting it afterwards does no harm.
func ReadFile(path string, opts ...Option) (*Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readFrom(f, path, opts)
}

// ReadFS reads the file called name in fsys.
func ReadFS(fsys fs.FS, name string, opts ...Option) (*Model, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readFrom(f, name, opts)
}

// readFrom reads the header, and then as much as the header says that there is,
// and a byte more: of a file that is no .rfl, or over the limits, nothing else.
func readFrom(f fs.File, name string, opts []Option) (*Model, error) {
	l := newLimits(opts)
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if st.IsDir() {
		return nil, bad(ErrNotRFL, name, "a folder", "a file")
	}
	b := make([]byte, headerSize)
	n, err := io.ReadFull(f, b)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	_, size, err := header(b[:n], &l)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var all bytes.Buffer
	all.Grow(int(max(0, min(int64(size), st.Size()))) + bytes.MinRead) // a pipe has no size
	all.Write(b)
	if _, err := all.ReadFrom(io.LimitReader(f, int64(size-headerSize)+1)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	m, err := Read(all.Bytes(), opts...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}
