package main

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// VPDPBUSD with 256 bits has two encodings: AVX-512's (EVEX), which avo and Go's assembler
// know, and that of AVX-VNNI (VEX), which they do not, for processors without AVX-512. The
// units are the same in both, instruction by instruction. Each is built in AVX-512's
// encoding, and its functions are called ...VL. vex then makes the functions for AVX-VNNI
// from its text, and writes the bytes of that one instruction. So what a processor with
// AVX-512 can test is all of the other but those bytes, and those a test decodes.

// vl is the end of the name of a function in AVX-512's encoding.
const vl = "VL"

// qgemmVL is the quantized GEMM by VPDPBUSD with 256 bits.
func qgemmVL() *build.Context {
	ctx := newContext()
	order := qgemmOrder(ctx)
	qgemmQuads(ctx)
	row := func(w reg.VecVirtual, x []reg.VecVirtual, _ reg.VecVirtual, acc []reg.VecVirtual) {
		for v := range x {
			ctx.VPDPBUSD(w, x[v], acc[v])
		}
	}
	qgemm256{Context: ctx, depth: 4, suffix: vl, order: order, madd: row}.all()
	dot := func(w operand.Op, x, product, acc reg.VecVirtual) {
		ctx.VMOVDQU(w, product) // vex knows registers alone
		ctx.VPDPBUSD(product, x, acc)
	}
	(&qgemmColumn{Context: ctx, columnTables: newColumnTables(ctx), name: "QColumn1" + vl, pixels: 1, chains: 2, dot: dot}).emit()
	return ctx
}

// qgemmQuads emits the interleaving of four planes at a time.
func qgemmQuads(ctx *build.Context) {
	begin(ctx, "QQuads"+vl, "func(panel, mem *byte, b *int32, quads, boff int)")
	ctx.Doc(
		"QQuads"+vl+" interleaves a strip of 16 pixels of 4*quads planes of bytes, read through the table b:",
		"panel[64*i+4*p+j] = b[4*i+j][p]. quads is at least 1.",
	)
	to, from, b, n, t := ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64()
	ctx.Load(ctx.Param("panel"), to)
	ctx.Load(ctx.Param("mem"), from)
	ctx.Load(ctx.Param("boff"), t)
	ctx.ADDQ(t, from)
	ctx.Load(ctx.Param("b"), b)
	ctx.Load(ctx.Param("quads"), n)
	align(ctx, 32)
	ctx.Label("quad")
	var x [4]reg.VecVirtual
	for j := range x {
		x[j] = ctx.XMM()
		ctx.MOVLQSX(operand.Mem{Base: b, Disp: 4 * j}, t)
		ctx.VMOVDQU(operand.Mem{Base: from, Index: t, Scale: 1}, x[j])
	}
	quads(vectors{ctx, 4}, x, 4, func(v int, y reg.VecVirtual) { ctx.VMOVDQU(y, operand.Mem{Base: to, Disp: 16 * v}) })
	ctx.ADDQ(operand.Imm(16), b)
	ctx.ADDQ(operand.Imm(64), to)
	ctx.DECQ(n)
	ctx.JNE(operand.LabelRef("quad"))
	ctx.VZEROUPPER()
	ctx.RET()
}

// qtapsVL is the quantized depthwise convolution by it.
func qtapsVL() *build.Context {
	g := &qtaps{vectors: vectors{newContext(), 8}, depth: 4, suffix: vl}
	g.order = qgemmOrder(g.Context)
	g.unpacked = dwords(g.Context, "unpacked", 0, 2, 4, 6, 1, 3, 5, 7)
	g.interleave()
	g.emit()
	return g.Context
}

// qpeakVL measures what it can do.
func qpeakVL() *build.Context {
	g := vectors{newContext(), 8}
	qpeak(g, "QPeak"+vl, 12, 32, "VPDPBUSD", func(x, y, acc reg.VecVirtual) { g.VPDPBUSD(x, y, acc) })
	return g.Context
}

// vex is a unit for AVX-VNNI, made of one in AVX-512's encoding.
func vex(name string, emit func() *build.Context) unit {
	u := amd64(name, emit)
	return unit{name, func() ([]byte, []decl, error) {
		code, decls, err := u.make()
		if err != nil {
			return nil, nil, err
		}
		if code, err = vexText(code); err != nil {
			return nil, nil, err
		}
		for i, d := range decls {
			decls[i].signature = shorter(d.signature)
			for k, line := range d.doc {
				d.doc[k] = shorter(line)
			}
		}
		return code, decls, nil
	}}
}

var vlName = regexp.MustCompile(`\b(Q\w+)` + vl + `\b`)

func shorter(text string) string { return vlName.ReplaceAllString(text, "$1") }

// vexText encodes each VPDPBUSD of assembly anew.
func vexText(code []byte) ([]byte, error) {
	var b strings.Builder
	for line := range strings.Lines(shorter(string(code))) {
		switch {
		case strings.HasPrefix(line, "// Requires:"):
			line = evexNeeds.ReplaceAllString(line, ", AVXVNNI")
		case strings.Contains(line, "VPDPBUSD") && !strings.HasPrefix(line, "//"):
			var err error
			if line, err = vexLine(line); err != nil {
				return nil, err
			}
		}
		b.WriteString(line)
	}
	return []byte(b.String()), nil
}

// evexNeeds are the features that AVX-512's encoding needs, one after another.
var evexNeeds = regexp.MustCompile(`(, AVX512\w+)+`)

var vpdpbusd = regexp.MustCompile(`^\tVPDPBUSD +Y(\d+), Y(\d+), Y(\d+)\n$`)

// vexLine is one of them: VEX.256.66.0F38.W0 50 /r. In the assembler's order the operands
// are the signed bytes, which the last byte names; the unsigned ones, which the prefix
// names inverted; and the sums.
func vexLine(line string) (string, error) {
	m := vpdpbusd.FindStringSubmatch(line)
	if m == nil {
		return "", fmt.Errorf("%q: wanted VPDPBUSD of three registers of 256 bits", line)
	}
	var r [3]byte
	for i := range r {
		n, err := strconv.Atoi(m[i+1])
		if err != nil || n > 15 {
			return "", fmt.Errorf("%q: AVX-VNNI has registers 0 to 15", line)
		}
		r[i] = byte(n)
	}
	signed, unsigned, sums := r[0], r[1], r[2]
	code := []byte{0xc4, 0xe2 ^ sums>>3<<7 ^ signed>>3<<5, 0x7d ^ unsigned<<3, 0x50, 0xc0 | sums&7<<3 | signed&7}
	return fmt.Sprintf("\tLONG $0x%08x; BYTE $0x%02x // vpdpbusd ymm%d, ymm%d, ymm%d\n", binary.LittleEndian.Uint32(code), code[4], sums, unsigned, signed), nil
}
