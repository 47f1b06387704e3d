package npy

import (
	"encoding/binary"
	"io"
	"math"
)

// maxHeader bounds the header. NumPy itself reads 10,000 bytes unless it is told to read more.
const maxHeader = 1 << 16

// Reader reads an array from a stream. It is for one goroutine.
type Reader struct {
	r       io.Reader
	shape   []int
	left    int // elements that are still to come
	size    int // bytes of an element
	convert func(b []byte) float32
	buf     []byte
}

// NewReader reads the header. Nothing is allocated by the sizes that it claims.
func NewReader(r io.Reader) (*Reader, error) {
	var head [10]byte
	if n, err := io.ReadFull(r, head[:]); err != nil {
		return nil, short(err, "got %d bytes, want a header", n)
	}
	if string(head[:6]) != mark {
		return nil, errf("got %q at the beginning, want %q", head[:6], mark)
	}
	length := int(binary.LittleEndian.Uint16(head[8:]))
	switch head[6] {
	case 1:
	case 2, 3: // a longer length
		var more [2]byte
		if _, err := io.ReadFull(r, more[:]); err != nil {
			return nil, short(err, "got the end of the file, want a header")
		}
		length |= int(binary.LittleEndian.Uint16(more[:])) << 16
	default:
		return nil, errf("got version %d.%d, want 1, 2 or 3", head[6], head[7])
	}
	if length > maxHeader {
		return nil, errf("got a header of %d bytes, want at most %d", length, maxHeader)
	}
	text := make([]byte, length)
	if n, err := io.ReadFull(r, text); err != nil {
		return nil, short(err, "got %d bytes of the header, want %d", n, length)
	}
	h, err := parseHeader(string(text))
	if err != nil {
		return nil, err
	}
	if h.fortran && len(h.shape) > 1 {
		return nil, errf("got columns before rows (fortran_order), want numpy.ascontiguousarray of the array")
	}
	f := &Reader{r: r, shape: h.shape, left: 1}
	for _, d := range h.shape {
		if d > 0 && f.left > math.MaxInt/16/d {
			return nil, errf("got shape %v, want fewer elements", h.shape)
		}
		f.left *= d
	}
	f.size, f.convert = element(h.descr)
	if f.convert == nil {
		return nil, errf("got element type %q, want an integer type or float16, float32, float64", h.descr)
	}
	return f, nil
}

// short is err of a read that should have given more.
func short(err error, format string, args ...any) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errf(format, args...)
	}
	return err
}

// Shape is the array's shape, [] for a single number. The caller must not change it.
func (f *Reader) Shape() []int { return f.shape }

// Read reads the next len(dst) elements, in row-major order, as float32. Values of other
// types are rounded to float32. At the end of the array the error is io.EOF; what is in
// the file behind the array is not looked at.
func (f *Reader) Read(dst []float32) error {
	if f.left == 0 && len(dst) > 0 {
		return io.EOF
	}
	if len(dst) > f.left {
		return errf("got %d elements at the end, want %d", f.left, len(dst))
	}
	for len(dst) > 0 {
		n := min(len(dst), 1<<14)
		if f.buf == nil {
			f.buf = make([]byte, min(f.left, 1<<14)*f.size)
		}
		b := f.buf[:n*f.size]
		if got, err := io.ReadFull(f.r, b); err != nil {
			return short(err, "the file ends %d bytes before the array does", f.left*f.size-got)
		}
		for i := range n {
			dst[i] = f.convert(b[i*f.size:])
		}
		dst, f.left = dst[n:], f.left-n
	}
	return nil
}
