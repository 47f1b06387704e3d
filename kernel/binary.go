package kernel

import "fmt"

// BinaryOp says what a [Binary] computes of two elements. A NaN in either is a NaN in
// the result.
type BinaryOp uint8

const (
	Multiply BinaryOp = iota // a * b
	Subtract                 // a - b
	Divide                   // a / b
	Minimum                  // the smaller
	Maximum                  // the larger
	Sum                      // a + b
	binaryOps
)

// Binary is C[c][p] = act(A[c][p] op B[c][p]) for p in [0, N). Where One is set, the
// planes of B have one pixel each, which goes with all of A's. C may be A, and B where
// One is not set. Of the epilogue it takes Act. Planes are float32. Reads and writes
// reach to N rounded up to 8.
type Binary struct {
	Mem     []float32
	A, B, C []int32 // Ch plane offsets each
	Ch, N   int
	Op      BinaryOp
	One     bool
	Epilogue
}

// Check tells where b breaks its contract.
func (b *Binary) Check() error {
	const name = "binary"
	if err := positive(name, "N", b.N); err != nil {
		return err
	}
	if b.Op >= binaryOps {
		return fmt.Errorf("%s: operation %d, wanted at most %d", name, b.Op, binaryOps-1)
	}
	if err := b.Epilogue.check(name, b.Ch, taking{}); err != nil {
		return err
	}
	n, nb := roundUp8(b.N), roundUp8(b.N)
	if b.One {
		nb = 1
	}
	for _, t := range []planes{{"A", b.A, n, 0, 0}, {"B", b.B, nb, 0, 0}, {"C", b.C, n, 0, 0}} {
		if err := t.check(name, len(b.Mem), b.Ch); err != nil {
			return err
		}
	}
	if b.One {
		return disjoint(name, planes{"C", b.C, b.N, 0, 0}, planes{"B", b.B, 1, 0, 0})
	}
	return nil
}

// refBinary is the reference; it does not apply the activation, which [Set.Binary] does.
func refBinary(b *Binary) {
	for c := range b.Ch {
		x, z := b.Mem[b.A[c]:][:b.N], b.Mem[b.C[c]:][:b.N]
		if b.One {
			b.Op.one(z, x, b.Mem[b.B[c]])
			continue
		}
		b.Op.each(z, x, b.Mem[b.B[c]:][:b.N])
	}
}

// each is z = x op y.
func (o BinaryOp) each(z, x, y []float32) {
	x, y = x[:len(z)], y[:len(z)]
	switch o {
	case Multiply:
		for i := range z {
			z[i] = x[i] * y[i]
		}
	case Subtract:
		for i := range z {
			z[i] = x[i] - y[i]
		}
	case Divide:
		for i := range z {
			z[i] = x[i] / y[i]
		}
	case Minimum:
		for i := range z {
			z[i] = min(x[i], y[i])
		}
	case Maximum:
		for i := range z {
			z[i] = max(x[i], y[i])
		}
	case Sum:
		for i := range z {
			z[i] = x[i] + y[i]
		}
	}
}

// one is z = x op y, with one y.
func (o BinaryOp) one(z, x []float32, y float32) {
	x = x[:len(z)]
	switch o {
	case Multiply:
		for i := range z {
			z[i] = x[i] * y
		}
	case Subtract:
		for i := range z {
			z[i] = x[i] - y
		}
	case Divide:
		for i := range z {
			z[i] = x[i] / y
		}
	case Minimum:
		for i := range z {
			z[i] = min(x[i], y)
		}
	case Maximum:
		for i := range z {
			z[i] = max(x[i], y)
		}
	case Sum:
		for i := range z {
			z[i] = x[i] + y
		}
	}
}
