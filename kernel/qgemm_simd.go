//go:build (amd64 || arm64) && !purego

package kernel

import (
	"encoding/binary"
	"unsafe"
)

// What the drivers of the quantized GEMM share.

// qRows is how many output channels a block of packed weights has. The rows of the last
// block are filled up to a multiple of 8.
const qRows = 24

// words has the parameters of q as the units take them: the zero point twice as a word,
// and each bound four times as a byte.
func (q Requant) words() [3]uint32 {
	return [3]uint32{uint32(q.Zero) * 0x10001, uint32(q.Lo) * 0x1010101, uint32(q.Hi) * 0x1010101}
}

// qBlocks packs weights by blocks of rows: of each step of depth, which has so many
// values in it, all rows follow one another. put stores a value, which is size bytes.
func qBlocks(dst []byte, w []int8, m, k, depth, size int, put func(dst []byte, v int8)) {
	at := 0
	for m0 := 0; m0 < m; m0 += qRows {
		rows := roundUp8(min(qRows, m-m0))
		for k0 := 0; k0 < k; k0 += depth {
			for r := m0; r < m0+rows; r++ {
				for i := k0; i < k0+depth; i++ {
					v := int8(0)
					if r < m && i < k {
						v = w[r*k+i]
					}
					put(dst[at:], v)
					at += size
				}
			}
		}
	}
}

// qBlocksLen is how many bytes they have.
func qBlocksLen(m, k, depth, size int) int {
	return (m/qRows*qRows + roundUp8(m%qRows)) * ((k + depth - 1) / depth * depth) * size
}

// putSum writes 128 times the sum of weights, modulo 2^32. A unit adds it to the sum of
// the products with pixels of which 128 was subtracted, so that they are signed. What may
// wrap around in between is exact in the end: see [MaxSum].
func putSum(dst []byte, w []int8) {
	sum := int32(0)
	for _, v := range w {
		sum += int32(v)
	}
	binary.LittleEndian.PutUint32(dst, uint32(128*sum))
}

// lastPlanes is a table for the last step of depth, where fewer planes than depth are
// left: it repeats one, whose weights are 0.
func lastPlanes(b []int32, depth int) (t [4]int32) {
	for i := range depth {
		t[i] = b[min(i, len(b)-1)]
	}
	return t
}

// aligned returns n bytes of work that begin at a multiple of 64. A buffer that is too
// short it replaces.
func aligned(work *[]byte, n int) []byte {
	if len(*work) < n+64 {
		*work = make([]byte, n+64)
	}
	at := -uintptr(unsafe.Pointer(unsafe.SliceData(*work))) & 63
	return (*work)[at:][:n]
}

// callBytes bounds a call in multiply-adds of bytes, as [callWork] does.
const callBytes = 4 * callWork

// optional is what a unit takes of the residual, and of an output of float32, for the
// rows from m0 on.
func (g *QGEMM) optional(m0 int) (r *int32, rzero *uint8, rmult, floats *float32) {
	if g.R != nil {
		r, rzero, rmult = &g.R[m0], &g.RZero[m0], &g.RMult[m0]
	}
	if g.Floats != nil {
		floats = &g.Floats[0]
	}
	return r, rzero, rmult, floats
}
