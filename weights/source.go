package weights

import (
	"fmt"
	"io"
)

// source is where a file's bytes come from: memory, or a file. A file is read piece
// by piece, so that it never lies in memory beside the tensors that are made of it.
type source struct {
	mem []byte // the whole file, or nil
	r   io.ReaderAt
	n   int
	buf []byte // the last piece
}

// pieceBytes is small enough to stay in a core's cache between reading,
// summing and decoding, and large enough that the calls do not count.
const pieceBytes = 32 << 10

// parallelBytes is how much of the data section is worth a goroutine of its
// own: a fraction of a millisecond, most of it the system's work for fresh memory.
const parallelBytes = 1 << 18

func fromMemory(b []byte) *source { return &source{mem: b, n: len(b)} }

func fromReader(r io.ReaderAt, n int) *source { return &source{r: r, n: n} }

// piece returns n bytes at off, which are inside the file, to be used before
// the next call.
func (s *source) piece(off, n int) ([]byte, error) {
	if s.r == nil {
		return s.mem[off : off+n], nil
	}
	if cap(s.buf) < n {
		s.buf = make([]byte, max(n, min(pieceBytes, s.n)))
	}
	got, err := s.r.ReadAt(s.buf[:n], int64(off))
	if got == n {
		return s.buf[:n], nil
	}
	if err == io.EOF || err == nil {
		return nil, bad(ErrTruncated, "file", fmt.Sprintf("%d bytes", off+got), fmt.Sprintf("%d, as before", s.n))
	}
	return nil, err
}

// pieces hands bytes off to off+n to f one piece after another, each with its
// distance from off.
func (s *source) pieces(off, n int, f func(at int, b []byte) error) error {
	for at := 0; at < n; {
		k := min(n-at, pieceBytes)
		b, err := s.piece(off+at, k)
		if err == nil {
			err = f(at, b)
		}
		if err != nil {
			return err
		}
		at += k
	}
	return nil
}
