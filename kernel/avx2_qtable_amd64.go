//go:build !purego

package kernel

import (
	"crypto/subtle"

	asm "github.com/riffle-ml/riffle/asm/avx2"
	asm512 "github.com/riffle-ml/riffle/asm/avx512"
)

// avx2QTable hands the unit the table as it wants it: each row of 16 bytes is the exclusive
// or of the row and the one before it, but the first of each half.
func avx2QTable(t *QTable) {
	rows := [256]byte(t.Table)
	for half := 0; half < 256; half += 128 {
		subtle.XORBytes(rows[half+16:half+128], t.Table[half+16:half+128], t.Table[half:half+112])
	}
	for p, ok := (piece{}).next(t.C, t.N); ok; p, ok = p.next(t.C, t.N) {
		asm.QTable(&t.Mem[p.p0], &t.Src[p.c0], &t.Dst[p.c0], &rows[0], p.c1-p.c0, p.n)
	}
}

// vbmiQTable is for AVX-512 with VBMI.
func vbmiQTable(t *QTable) {
	for p, ok := (piece{}).next(t.C, t.N); ok; p, ok = p.next(t.C, t.N) {
		asm512.QTable(&t.Mem[p.p0], &t.Src[p.c0], &t.Dst[p.c0], &t.Table[0], p.c1-p.c0, p.n)
	}
}
