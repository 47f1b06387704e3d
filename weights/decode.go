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
// The tensors share one piece of memory, each in cache lines of its own: many pieces
// would have the garbage collector at work in the middle of it.
func (f *file) tensors(s *source, dir []entry) ([]Tensor, error) {
	const line = align / 4
	out, total := make([]Tensor, len(dir)), 0
	for i, e := range dir {
		out[i] = Tensor{e.Name, Float32, e.Shape, nil}
		if e.DType == "f16" {
			out[i].DType = Float16
		}
		total += (e.Bytes/out[i].DType.size() + line - 1) / line * line
	}
	data := make([]float32, total)
	for i, e := range dir {
		n := e.Bytes / out[i].DType.size()
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
			return notFinite(named("tensor", t.Name), f, first+i)
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

// decodeFloats converts len(b)/4 values; false if one is not finite: its
// exponent is all ones, and adding one to it carries into the place of the sign.
func decodeFloats(dst []float32, b []byte) bool {
	const (
		exps = 0x7f80_0000_7f80_0000
		ones = 0x0080_0000_0080_0000
		over = 0x8000_0000_8000_0000
	)
	carry := uint64(0)
	for len(dst) >= 4 && len(b) >= 16 {
		v0, v1 := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		dst[0], dst[1] = math.Float32frombits(uint32(v0)), math.Float32frombits(uint32(v0>>32))
		dst[2], dst[3] = math.Float32frombits(uint32(v1)), math.Float32frombits(uint32(v1>>32))
		carry |= (v0&exps + ones) | (v1&exps + ones)
		dst, b = dst[4:], b[16:]
	}
	for i := range dst {
		x := binary.LittleEndian.Uint32(b[4*i:])
		dst[i] = math.Float32frombits(x)
		carry |= uint64(x)&exps + ones
	}
	return carry&over == 0
}

// decodeHalves is decodeFloats for binary16. A half's bits, moved to the place
// of a float32's exponent and fraction, are the same number times 2^-112,
// subnormals too.
func decodeHalves(dst []float32, b []byte) bool {
	const (
		exps  = 0x7c00_7c00_7c00_7c00
		ones  = 0x0400_0400_0400_0400
		over  = 0x8000_8000_8000_8000
		signs = 0x8000_0000_8000_0000
		rest  = 0x7fff_0000_7fff_0000
		scale = 1 << 112
	)
	carry := uint64(0)
	for len(dst) >= 4 && len(b) >= 8 {
		v := binary.LittleEndian.Uint64(b)
		carry |= v&exps + ones
		odd, even := v, v<<16 // the halves 1 and 3, 0 and 2, in the upper parts of 32 bits
		odd = odd&signs | odd&rest>>3
		even = even&signs | even&rest>>3
		dst[0] = math.Float32frombits(uint32(even)) * scale
		dst[1] = math.Float32frombits(uint32(odd)) * scale
		dst[2] = math.Float32frombits(uint32(even>>32)) * scale
		dst[3] = math.Float32frombits(uint32(odd>>32)) * scale
		dst, b = dst[4:], b[8:]
	}
	for i := range dst {
		h := binary.LittleEndian.Uint16(b[2*i:])
		dst[i] = fromHalf(h)
		carry |= uint64(h)&exps + ones
	}
	return carry&over == 0
}
