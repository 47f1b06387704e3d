//go:build !purego

package kernel

import asm "github.com/riffle-ml/riffle/asm/neon"

// neonQTable is one of NEON's own: other sets have no instruction that looks up in 64
// bytes or more.
func neonQTable(t *QTable) {
	for p, ok := (piece{}).next(t.C, t.N); ok; p, ok = p.next(t.C, t.N) {
		asm.QTable(&t.Mem[p.p0], &t.Src[p.c0], &t.Dst[p.c0], &t.Table[0], p.c1-p.c0, p.n)
	}
}
