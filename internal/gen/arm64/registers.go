package arm64

import "fmt"

// GP is a general register, 64 bits. The zero value is none.
type GP struct{ n uint8 } // the number, plus one

// V is a vector register.
type V struct{ n uint8 } // the number, plus one

// ZR reads as zero, where an instruction allows it.
var ZR = GP{32}

func (r GP) num() uint32 { return uint32(r.n - 1) }
func (v V) num() uint32  { return uint32(v.n - 1) }

// String is the name in Go's assembler.
func (r GP) String() string {
	switch {
	case r == ZR:
		return "ZR"
	case r.n == 0:
		return "no register"
	}
	return fmt.Sprintf("R%d", r.num())
}

// String is the name in Go's assembler.
func (v V) String() string {
	if v.n == 0 {
		return "no vector register"
	}
	return fmt.Sprintf("V%d", v.num())
}

// pool hands out the registers of one kind, the lowest free one first.
type pool struct {
	order []uint8 // of all
	taken map[uint8]bool
}

// gpPool leaves out what is not a leaf's: R16 and R17 (the linker's), R18 (the
// platform's), R27 (the assembler's), R28 (g), R29 (frame), R30 (return).
func gpPool() pool {
	p := pool{taken: map[uint8]bool{}}
	for n := range uint8(27) {
		if n < 16 || n > 18 {
			p.order = append(p.order, n+1)
		}
	}
	return p
}

func vPool() pool {
	p := pool{taken: map[uint8]bool{}}
	for n := range uint8(32) {
		p.order = append(p.order, n+1)
	}
	return p
}

func (p *pool) take() uint8 {
	for _, n := range p.order {
		if !p.taken[n] {
			p.taken[n] = true
			return n
		}
	}
	return 0
}

func imm(n int) string { return fmt.Sprintf("$%d", n) }
