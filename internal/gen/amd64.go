package main

import (
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
)

// vectors is a unit in the making, for registers of so many float32: 8 are AVX2's,
// 16 AVX-512's. What is emitted through it alone serves both.
type vectors struct {
	// asm is a field by name here and in every other type: each type that embeds it would
	// get avo's thousands of methods anew, which took the compiler half a minute.
	asm   *build.Context
	lanes int
}

// vec takes a register.
func (g vectors) vec() reg.VecVirtual {
	switch g.lanes {
	case 16:
		return g.asm.ZMM()
	case 8:
		return g.asm.YMM()
	}
	return g.asm.XMM()
}

// bytes is how long a register is.
func (g vectors) bytes() int { return 4 * g.lanes }

// move copies a register of integers from or to memory.
func (g vectors) move(from, to operand.Op) {
	if g.lanes == 16 {
		g.asm.VMOVDQU32(from, to)
	} else {
		g.asm.VMOVDQU(from, to)
	}
}

// newContext is where a unit for amd64 begins.
func newContext() *build.Context {
	ctx := build.NewContext()
	ctx.ConstraintExpr("amd64,!purego")
	return ctx
}

// amd64 is a unit that avo builds.
func amd64(name string, emit func() *build.Context) unit {
	return unit{name, func() ([]byte, []decl, error) {
		f, err := emit().Result()
		if err != nil {
			return nil, nil, err
		}
		if err := pass.Compile.Execute(f); err != nil {
			return nil, nil, err
		}
		code, err := printer.NewGoAsm(printer.Config{Name: "gen", Pkg: "asm"}).Print(f)
		if err != nil {
			return nil, nil, err
		}
		var decls []decl
		for _, fn := range f.Functions() {
			decls = append(decls, decl{fn.Doc, strings.TrimPrefix(fn.Stub(), "func ")})
		}
		return code, decls, nil
	}}
}

// begin starts a leaf function.
func begin(ctx *build.Context, name, signature string) {
	ctx.Function(name)
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr(signature)
}

// align makes the next instruction start at a multiple of n bytes.
func align(ctx *build.Context, n uint64) {
	ctx.Instruction(&ir.Instruction{Opcode: "PCALIGN", Operands: []operand.Op{operand.Imm(n)}})
}

// param is the place of an argument.
func param(ctx *build.Context, name string) operand.Mem {
	b, err := ctx.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

// memoryAt is the argument mem plus the bytes of the argument off.
func memoryAt(ctx *build.Context, off string) reg.GPVirtual {
	base, t := ctx.GP64(), ctx.GP64()
	ctx.Load(ctx.Param("mem"), base)
	ctx.Load(ctx.Param(off), t)
	ctx.ADDQ(t, base)
	return base
}

// spread fills v, of any width, with an argument of type float32.
func spread(ctx *build.Context, name string, v reg.VecVirtual) reg.VecVirtual {
	ctx.VBROADCASTSS(param(ctx, name), v)
	return v
}

// constant is n as the shortest operand that an ADDQ takes.
func constant(n int) operand.Op {
	if n < 128 {
		return operand.Imm(uint64(n))
	}
	return operand.U32(uint32(n))
}

// abreast emits the instructions of parts, none of which jumps, in turn: one of each,
// then the next of each. Where every instruction waits for the one before it, a
// processor then has something to do meanwhile that it need not look far for.
func abreast(ctx *build.Context, parts ...func()) {
	file, err := ctx.Result()
	if err != nil {
		panic(err)
	}
	functions := file.Functions()
	f := functions[len(functions)-1]
	begin := len(f.Nodes)
	var nodes [][]ir.Node
	for _, part := range parts {
		from := len(f.Nodes)
		part()
		nodes = append(nodes, slices.Clone(f.Nodes[from:]))
	}
	f.Nodes = f.Nodes[:begin]
	for i := 0; len(f.Nodes) < begin+len(slices.Concat(nodes...)); i++ {
		for _, n := range nodes {
			if i < len(n) {
				f.Nodes = append(f.Nodes, n[i])
			}
		}
	}
}

// zero clears v.
func zero(g vectors, v reg.VecVirtual) {
	if g.lanes == 16 {
		g.asm.VPXORD(v, v, v) // of AVX-512's foundation; VXORPS at 512 bits is not
		return
	}
	g.asm.VXORPS(v, v, v)
}

// dwords puts constants beside the code.
func dwords(ctx *build.Context, name string, values ...uint32) operand.Mem {
	m := ctx.StaticGlobal(name)
	ctx.DataAttributes(attr.RODATA | attr.NOPTR)
	for _, v := range values {
		ctx.AppendDatum(operand.U32(v))
	}
	return m
}
