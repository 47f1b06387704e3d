package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

// newContext is where an AVX2 unit begins.
func newContext() *build.Context {
	ctx := build.NewContext()
	ctx.ConstraintExpr("amd64,!purego")
	return ctx
}

// avx2 is a unit that avo builds for amd64.
func avx2(name string, emit func() *build.Context) unit {
	return unit{name, func() (map[string][]byte, error) {
		f, err := emit().Result()
		if err != nil {
			return nil, err
		}
		for _, fn := range f.Functions() {
			fn.Pragmas = append(fn.Pragmas, ir.Pragma{Directive: "noescape"})
		}
		if err := pass.Compile.Execute(f); err != nil {
			return nil, err
		}
		cfg := printer.Config{Name: "gen", Pkg: "asm"}
		code, err := printer.NewGoAsm(cfg).Print(f)
		if err != nil {
			return nil, err
		}
		stubs, err := printer.NewStubs(cfg).Print(f)
		if err != nil {
			return nil, err
		}
		return map[string][]byte{"_amd64.s": code, "_amd64.go": stubs}, nil
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
