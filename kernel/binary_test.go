package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// book is the operations as Go has them, which propagate NaN.
var book = [binaryOps]func(a, b float32) float32{
	Multiply: func(a, b float32) float32 { return a * b },
	Subtract: func(a, b float32) float32 { return a - b },
	Divide:   func(a, b float32) float32 { return a / b },
	Minimum:  func(a, b float32) float32 { return min(a, b) },
	Maximum:  func(a, b float32) float32 { return max(a, b) },
	Sum:      func(a, b float32) float32 { return a + b },
}

// TestBinary: every operation and form on every set, of planes of many sizes, NaN and
// infinities among them: the bits are those of one operation in float32.
func TestBinary(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(3, 4))
		planeSizes(func(n int) {
			for op := range binaryOps {
				c := 1 + rng.IntN(5)
				l := newPacked(t, rng, c, rng.IntN(2) == 0, 3, n)
				b := Binary{
					Mem: l.mem, A: l.tables[0], B: l.tables[1], C: l.tables[2], Ch: c, N: n, Op: op, One: rng.IntN(2) == 0,
					Epilogue: Epilogue{Act: activations[rng.IntN(3)]},
				}
				if err := b.Check(); err != nil {
					t.Fatal(err)
				}
				before := b
				set.Binary(&b)
				if b.Ch != before.Ch || b.Act != before.Act || &b.A[0] != &before.A[0] {
					t.Fatalf("the arguments changed from %v to %v", before, b)
				}
				l.onlyWritten(t)
				for ch := range c {
					for p := range n {
						x, y := l.before[int(b.A[ch])+p], l.before[int(b.B[ch])]
						if !b.One {
							y = l.before[int(b.B[ch])+p]
						}
						want := []float32{book[op](x, y)}
						b.Act.apply(want)
						if got := l.mem[int(b.C[ch])+p]; !same(got, want[0]) && !(got == 0 && want[0] == 0) {
							t.Fatalf("%d planes of %d, operation %d, one %v, %v: %v and %v at pixel %d of plane %d is %v, wanted %v",
								c, n, op, b.One, b.Act, x, y, p, ch, got, want[0])
						}
					}
				}
			}
		})
	})
}

func TestBinaryCheck(t *testing.T) {
	mem := make([]float32, 64)
	good := func() *Binary {
		return &Binary{Mem: mem, A: []int32{0}, B: []int32{16}, C: []int32{32}, Ch: 1, N: 9}
	}
	if err := good().Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(b *Binary){
		"no pixels":           func(b *Binary) { b.N = 0 },
		"operation":           func(b *Binary) { b.Op = binaryOps },
		"bias":                func(b *Binary) { b.Bias = []float32{1} },
		"activation":          func(b *Binary) { b.Act = Activation{Clamp, 1, float32(math.NaN())} },
		"a plane behind Mem":  func(b *Binary) { b.A = []int32{50} },
		"B behind Mem":        func(b *Binary) { b.B = []int32{64}; b.One = true },
		"C over B's pixel":    func(b *Binary) { b.C, b.One = []int32{10}, true },
		"two planes wanted":   func(b *Binary) { b.Ch = 2 },
		"C of another length": func(b *Binary) { b.C = nil },
	} {
		b := good()
		change(b)
		if b.Check() == nil {
			t.Errorf("%s: passed the check", name)
		}
	}
}
