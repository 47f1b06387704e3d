package kernel

import (
	"fmt"
	"testing"
)

// BenchmarkQTable reports pixels a nanosecond, of the best call.
func BenchmarkQTable(b *testing.B) {
	for _, s := range []struct{ c, n int }{{960, 49}, {240, 196}, {64, 3136}} {
		b.Run(fmt.Sprintf("%dx%d", s.c, s.n), func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				pitch := Pitch(s.n, 1)
				q := &QTable{Mem: make([]byte, 2*SlackBytes+2*s.c*pitch), Table: make([]byte, 256), C: s.c, N: s.n}
				randomBytes(benchRand(1), q.Mem)
				for c := range s.c {
					q.Src, q.Dst = append(q.Src, int32(SlackBytes+c*pitch)), append(q.Dst, int32(SlackBytes+(s.c+c)*pitch))
				}
				reportBest(b, s.c*s.n, "pixels/ns", func() { set.QTable(q) })
			})
		})
	}
}
