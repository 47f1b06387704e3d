package weights

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"runtime"
	"sort"
	"sync"
)

// parallelBytes is how much of the data section is worth a goroutine of its
// own: a fraction of a millisecond, most of it the system's work for fresh memory.
const parallelBytes = 1 << 18

// tensors allocates the tensors of a checked directory and fills them from the
// data section, a contiguous share of its pieces for each of a few goroutines.
func (f *file) tensors(s *source, dir []entry) ([]Tensor, error) {
	out := make([]Tensor, len(dir))
	for i, e := range dir {
		out[i] = Tensor{e.Name, Float32, e.Shape, nil}
		if e.DType == "f16" {
			out[i].DType = Float16
		}
		out[i].Data = make([]float32, e.Bytes/out[i].DType.size())
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
				if err := zeros(fmt.Sprintf("padding before tensor %d", i), b[:gap]); err != nil {
					return err
				}
				b, at = b[gap:], at+gap
				continue
			}
			n := min(len(b), e.Offset+e.Bytes-at)
			first := (at - e.Offset) / t.DType.size()
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
	var ok bool
	if t.DType == Float16 {
		ok = decodeHalves(t.Data[first:first+len(b)/2], b)
	} else {
		ok = decodeFloats(t.Data[first:first+len(b)/4], b)
	}
	if ok {
		return nil
	}
	for i := range len(b) / t.DType.size() {
		f := t.element(b, i)
		if math.Float32bits(f)&0x7fffffff >= 0x7f800000 {
			return notFinite(fmt.Sprintf("tensor %q", t.Name), f, first+i)
		}
	}
	return nil // not reached: one of them was not finite
}

func (t *Tensor) element(b []byte, i int) float32 {
	if t.DType == Float16 {
		return fromHalf(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
}

// decodeFloats converts len(b)/4 values; false if one is not finite. The
// largest magnitude, as bits, tells without a branch.
func decodeFloats(dst []float32, b []byte) bool {
	top := uint32(0)
	for len(dst) >= 4 && len(b) >= 16 {
		v0, v1 := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		x0, x1, x2, x3 := uint32(v0), uint32(v0>>32), uint32(v1), uint32(v1>>32)
		dst[0], dst[1] = math.Float32frombits(x0), math.Float32frombits(x1)
		dst[2], dst[3] = math.Float32frombits(x2), math.Float32frombits(x3)
		top = max(top, x0<<1, x1<<1, x2<<1, x3<<1)
		dst, b = dst[4:], b[16:]
	}
	for i := range dst {
		x := binary.LittleEndian.Uint32(b[4*i:])
		dst[i] = math.Float32frombits(x)
		top = max(top, x<<1)
	}
	return top < 0x7f800000<<1
}

// decodeHalves is decodeFloats for binary16.
func decodeHalves(dst []float32, b []byte) bool {
	top := uint16(0)
	for len(dst) >= 4 && len(b) >= 8 {
		v := binary.LittleEndian.Uint64(b)
		h0, h1, h2, h3 := uint16(v), uint16(v>>16), uint16(v>>32), uint16(v>>48)
		dst[0], dst[1], dst[2], dst[3] = finiteHalf(h0), finiteHalf(h1), finiteHalf(h2), finiteHalf(h3)
		top = max(top, h0<<1, h1<<1, h2<<1, h3<<1)
		dst, b = dst[4:], b[8:]
	}
	for i := range dst {
		h := binary.LittleEndian.Uint16(b[2*i:])
		dst[i] = fromHalf(h)
		top = max(top, h<<1)
	}
	return top < 0x7c00<<1
}
