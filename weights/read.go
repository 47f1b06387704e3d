package weights

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
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
	return read(fromMemory(b), opts)
}

func read(s *source, opts []Option) (*Model, error) {
	l := newLimits(opts)
	f, err := sections(s, &l)
	if err != nil {
		return nil, err
	}
	summed := f.checkSum(*s)
	d, err := f.document(&l)
	if bad := <-summed; bad != nil {
		return nil, bad
	}
	if err != nil {
		return nil, err
	}
	m := &Model{Name: d.Name, Graph: d.Graph, Labels: d.Labels, Preprocess: d.Preprocess, Provenance: d.Provenance}
	if m.Tensors, err = f.tensors(s, d.Tensors); err != nil {
		return nil, err
	}
	return m, nil
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

// file is what the header tells, checked.
type file struct {
	js      []byte
	padding []byte   // behind the JSON
	start   int      // of the data section
	size    int      // of the data section
	sum     uint32   // of the data, as the header has it
	sums    []uint32 // of the data up to the end of each piece
}

// sections checks the header and the checksum of the JSON section.
func sections(s *source, l *limits) (*file, error) {
	if s.n > l.file {
		return nil, bad(ErrLimit, "file", fmt.Sprintf("%d bytes", s.n), fmt.Sprintf("at most %d", l.file))
	}
	b, err := s.piece(0, min(s.n, headerSize))
	if err != nil {
		return nil, err
	}
	start, size, err := header(b, l)
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	nj, jsonSum, dataSum := int(le.Uint64(b[offJSONLen:])), le.Uint32(b[offJSONSum:]), le.Uint32(b[offDataSum:])
	if s.n != size {
		return nil, bad(ErrTruncated, "file", fmt.Sprintf("%d bytes", s.n), fmt.Sprintf("%d (header %d, JSON %d, padding, data %d)", size, headerSize, nj, size-start))
	}
	if b, err = s.piece(headerSize, start-headerSize); err != nil {
		return nil, err
	}
	s.buf = nil // it is f.js now
	f := &file{js: b[:nj:nj], padding: b[nj:], start: start, size: size - start, sum: dataSum}
	if got := sum(f.js); got != jsonSum {
		return nil, bad(ErrChecksum, "JSON", fmt.Sprintf("%08x", got), fmt.Sprintf("%08x", jsonSum))
	}
	return f, nil
}

// checkSum checks the data's checksum, where that takes long while the caller
// parses the JSON section: what comes of the channel goes before what is wrong there.
func (f *file) checkSum(s source) <-chan error {
	done := make(chan error, 1)
	check := func() {
		got := uint32(0)
		err := s.pieces(f.start, f.size, func(_ int, b []byte) error {
			got = crc32.Update(got, castagnoli, b)
			f.sums = append(f.sums, got)
			return nil
		})
		if err == nil && got != f.sum {
			err = bad(ErrChecksum, "data", fmt.Sprintf("%08x", got), fmt.Sprintf("%08x", f.sum))
		}
		done <- err
	}
	if f.size < parallelBytes {
		check()
	} else {
		go check()
	}
	return done
}

// document parses and checks what is not tensor data.
func (f *file) document(l *limits) (*document, error) {
	if err := zeros("padding after the JSON", f.padding); err != nil {
		return nil, err
	}
	d, err := parseSection(f.js)
	if err != nil {
		return nil, err
	}
	if err := d.check(l); err != nil {
		return nil, err
	}
	return d, d.checkDirectory(l, f.size)
}

func zeros(where any, b []byte) error {
	for _, z := range b {
		if z != 0 {
			return bad(ErrInvalid, where, fmt.Sprintf("%#02x", z), "zeros")
		}
	}
	return nil
}

// checkDirectory: every tensor lies where the layout puts it, nothing behind.
// That there are zeros between them is seen when they are decoded.
func (d *document) checkDirectory(l *limits, size int) error {
	end := 0
	for _, e := range d.Tensors {
		where := named("tensor", e.Name)
		each := 0
		switch e.DType {
		case "f32":
			each = 4
		case "f16":
			each = 2
		default:
			return bad(ErrInvalid, where, fmt.Sprintf("dtype %q", e.DType), "f32 or f16")
		}
		n, err := l.elements(where, e.Shape)
		if err != nil {
			return err
		}
		if e.Bytes != n*each {
			return bad(ErrInvalid, where, fmt.Sprintf("%d bytes", e.Bytes), fmt.Sprintf("%d (shape %v, %s)", n*each, e.Shape, e.DType))
		}
		if at := alignUp(end); e.Offset != at {
			return bad(ErrInvalid, where, fmt.Sprintf("offset %d", e.Offset), at)
		}
		if e.Offset > size || e.Bytes > size-e.Offset {
			return bad(ErrInvalid, where, fmt.Sprintf("bytes %d to %d", e.Offset, e.Offset+e.Bytes), fmt.Sprintf("inside the data section of %d", size))
		}
		end = e.Offset + e.Bytes
	}
	if end != size {
		return bad(ErrInvalid, "data", fmt.Sprintf("%d bytes behind the last tensor", size-end), "none")
	}
	return nil
}

// ReadFile reads the file at path, as Read does. A regular file is read twice,
// a piece at a time, first for its checksum and then for its tensors; every piece
// must be the same both times, so that changing or cutting the file meanwhile is
// an error and no harm. Nothing of it is mapped. The error is a [FormatError] or the
// file system's, either way with the path in it.
func ReadFile(path string, opts ...Option) (*Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readFrom(f, path, opts)
}

// ReadFS reads the file called name in fsys, as [ReadFile] does; a file that cannot
// be read at any place (no io.ReaderAt) is read into memory first, no more than its
// header says and the limits allow. The error is a [FormatError] or fsys's own,
// either way with the name in it.
func ReadFS(fsys fs.FS, name string, opts ...Option) (*Model, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readFrom(f, name, opts)
}

// readFrom reads piece by piece where it can: a file that can be read at any
// place and says how long it is. Of any other it reads the header, and then as
// much as the header says that there is, and a byte more. Either way it reads
// nothing but the header of a file that is no .rfl, or over the limits.
func readFrom(f fs.File, name string, opts []Option) (*Model, error) {
	l := newLimits(opts)
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if st.IsDir() {
		return nil, bad(ErrNotRFL, name, "a folder", "a file")
	}
	if r, ok := f.(io.ReaderAt); ok && st.Mode().IsRegular() && st.Size() > 0 && st.Size() <= int64(l.file) {
		m, err := read(fromReader(r, int(st.Size())), opts)
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return m, err
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
