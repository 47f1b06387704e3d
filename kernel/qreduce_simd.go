//go:build (amd64 || arm64) && !purego

package kernel

// keepBytes[32-n:] begins with n bytes of 255: it keeps the first n of 32.
var keepBytes = [64]byte{
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
}

// dropBytes[n:] begins with 16-n bytes of 0 and then n of 255: it keeps the last n of 16.
var dropBytes = [32]byte{16: 255, 17: 255, 18: 255, 19: 255, 20: 255, 21: 255, 22: 255, 23: 255, 24: 255, 25: 255, 26: 255, 27: 255, 28: 255, 29: 255, 30: 255, 31: 255}

// simdQMean has no more pixels in a call than the longest plane has: it adds 32 at once,
// and so they take no longer than [pieceBytes] of other kernels.
func simdQMean(m *QMean) {
	var sums [32]int32
	tail := &keepBytes[32-m.N%32]
	block := min(len(sums), qmeanMost/m.N)
	for c := 0; c < m.C; c += block {
		n := min(block, m.C-c)
		unitQSum(&m.Mem[0], &m.Src[c], &sums[0], tail, n, m.N&^31)
		for i, s := range sums[:n] {
			m.finish(c+i, s)
		}
	}
}

// qlinearLeast and qlinearMost are the shortest and the longest rows that the unit takes.
const qlinearLeast, qlinearMost = 16, callWork

func simdQLinearUnit(l *QLinear) string {
	if l.In < qlinearLeast || l.In > qlinearMost {
		return ""
	}
	return "qlinear_" + qunitSet
}

// simdQLinear takes the form for a dot product if dot says so, where there is one.
func simdQLinear(l *QLinear, dot bool) {
	if l.In < qlinearLeast || l.In > qlinearMost {
		refQLinear(l)
		return
	}
	var sums [32]int32
	w := unsigned(l.W)
	tail := &dropBytes[l.In%16]
	block := min(len(sums), max(1, callWork/l.In))
	for o := 0; o < l.Out; o += block {
		n := min(block, l.Out-o)
		unitQRows(dot, &l.X[0], &w[o*l.In], &sums[0], l.In, n, tail)
		for i, s := range sums[:n] {
			l.finish(o+i, s+l.Bias[o+i])
		}
	}
}
