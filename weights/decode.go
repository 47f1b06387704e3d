package weights

import (
	"fmt"
	"hash/crc32"
	"math"
	"runtime"
	"sort"
	"sync"

	"github.com/riffle-ml/riffle/internal/hugepages"
)

// tensors allocates the tensors of a checked directory and fills them from the
// data section, a contiguous share of its pieces for each of a few goroutines.
// The tensors of floating-point types share one piece of memory, each in cache lines of
// its own: many pieces would have the garbage collector at work in the middle of it.
// Those of bytes share another, which can be let go once they are packed.
func (f *file) tensors(s *source, dir []entry) ([]Tensor, error) {
	const line = align / 4 // elements of a float32 in a cache line
	out, total, bytes := make([]Tensor, len(dir)), 0, 0
	for i, e := range dir {
		t, _ := typeInFile(e.DType)
		out[i] = Tensor{Name: e.Name, DType: t, Shape: e.Shape}
		if t.Integer() {
			bytes += e.Bytes
			continue
		}
		total += (e.Bytes/t.Size() + line - 1) / line * line
	}
	data, raw := hugepages.Floats(total), make([]byte, bytes)
	for i, e := range dir {
		n := e.Bytes / out[i].DType.Size()
		if out[i].DType.Integer() {
			out[i].Bytes, raw = raw[:n:n], raw[n:]
			continue
		}
		out[i].Data = data[:n:n]
		data = data[min(len(data), (n+line-1)/line*line):]
	}
	all := len(f.sums)
	workers := max(1, min(runtime.GOMAXPROCS(0), 4, f.size/parallelBytes))
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		share := func() { errs[w] = f.decode(*s, dir, out, all*w/workers, all*(w+1)/workers) }
		if w == workers-1 {
			share()
			break
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			share()
		}()
	}
	wg.Wait()
	for _, err := range errs { // the first in the file, whoever was first in time
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// decode fills what lies in pieces lo to hi-1. s is a copy, with a buffer of its
// own.
func (f *file) decode(s source, dir []entry, out []Tensor, lo, hi int) error {
	s.buf = nil
	// The first tensor that does not end before the share begins.
	i := sort.Search(len(dir), func(i int) bool { return dir[i].Offset+dir[i].Bytes > lo*pieceBytes })
	from := lo * pieceBytes
	return s.pieces(f.start+from, min(f.size, hi*pieceBytes)-from, func(at int, b []byte) error {
		at += from
		if k := at / pieceBytes; s.r != nil {
			before := uint32(0)
			if k > 0 {
				before = f.sums[k-1]
			}
			if got := crc32.Update(before, castagnoli, b); got != f.sums[k] {
				return bad(ErrChecksum, "data, read again", fmt.Sprintf("%08x", got), fmt.Sprintf("%08x, as before", f.sums[k]))
			}
		}
		for len(b) > 0 {
			e, t := &dir[i], &out[i]
			if gap := e.Offset - at; gap > 0 {
				gap = min(gap, len(b))
				if err := zeros(numbered("padding before tensor", i), b[:gap]); err != nil {
					return err
				}
				b, at = b[gap:], at+gap
				continue
			}
			n := min(len(b), e.Offset+e.Bytes-at)
			first := (at - e.Offset) / t.DType.Size()
			if err := t.decode(first, b[:n]); err != nil {
				return err
			}
			if b, at = b[n:], at+n; at == e.Offset+e.Bytes {
				i++
			}
		}
		return nil
	})
}

// decode converts b, whole elements, into those from first on, which must be
// finite.
func (t *Tensor) decode(first int, b []byte) error {
	if t.DType.Integer() {
		copy(t.Bytes[first:], b)
		return nil
	}
	et := &elementTypes[t.DType]
	n := len(b) / et.size
	if et.decode(t.Data[first:first+n], b) {
		return nil
	}
	for i := range n {
		if f := et.at(b, i); math.Float32bits(f)&0x7fffffff >= 0x7f800000 {
			return notFinite(named("tensor", t.Name), f, first+i)
		}
	}
	return nil // not reached: one of them was not finite
}
