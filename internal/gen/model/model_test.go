package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestLoops(t *testing.T) {
	const source = `TEXT ·One(SB), NOSPLIT, $0-8
	MOVD n+0(FP), R0

outer:
	MOVD R0, R1
	CBZ R1, skip

inner:
	PCALIGN $16
	// a comment
	SUBS $1, R1, R1
	CBZ R2, far
	JMP near

far:
	ADD $1, R2, R2

near:
	WORD $0x4f801041 // fmla v1.4s, v2.4s, v0.s[0]
	BNE inner

skip:
	SUBS $1, R0, R0
	BNE outer
	RET

TEXT ·Two(SB), NOSPLIT, $0-8

inner:
	TBNZ $0, R1, end
	TBZ $0, R1, inner

end:
	CBZ R2, last
	JMP inner

last:
	RET
`
	lines := strings.Split(source, "\n")
	var got strings.Builder
	for _, l := range loops(lines) {
		fmt.Fprintf(&got, "%s:", l.name())
		for _, n := range l.lines {
			fmt.Fprintf(&got, " %s", strings.Fields(lines[n])[0])
		}
		got.WriteByte('\n')
	}
	const want = "One inner: SUBS CBZ WORD BNE\nOne inner, skipping: SUBS CBZ ADD WORD BNE\nTwo inner: TBNZ TBZ\n"
	if got.String() != want {
		t.Errorf("got\n%swanted\n%s", &got, want)
	}
}

func TestMultiplies(t *testing.T) {
	for code, want := range map[uint32]bool{
		0x4f801041: true,  // fmla v1.4s, v2.4s, v0.s[0]
		0x4fbf1b36: true,  // fmla v22.4s, v25.4s, v31.s[3]
		0x4f829020: true,  // fmul v0.4s, v1.4s, v2.s[0]
		0x4e22cc20: true,  // fmla v0.4s, v1.4s, v2.4s
		0x6e22dc20: true,  // fmul v0.4s, v1.4s, v2.4s
		0x4e22d420: false, // fadd v0.4s, v1.4s, v2.4s
		0x4ea2cc20: false, // fmls v0.4s, v1.4s, v2.4s
		0x0f801041: false, // fmla v1.2s, v2.2s, v0.s[0]
		0x3dc00000: false, // ldr q0, [x0]
	} {
		if multiplies(code) != want {
			t.Errorf("%08x: %v", code, !want)
		}
	}
}

func TestProducts(t *testing.T) {
	for code, want := range map[uint32][2]bool{ // SDOT, SMULL
		0x4f82e020: {true, false},  // sdot v0.4s, v1.16b, v2.4b[0]
		0x4fbfeb36: {true, false},  // sdot v22.4s, v25.16b, v31.4b[3]
		0x4e829420: {true, false},  // sdot v0.4s, v1.16b, v2.16b
		0x6e829420: {false, false}, // udot v0.4s, v1.16b, v2.16b
		0x0e22c020: {false, true},  // smull v0.8h, v1.8b, v2.8b
		0x4e22c020: {false, true},  // smull2 v0.8h, v1.16b, v2.16b
		0x0e62c020: {false, false}, // smull v0.4s, v1.4h, v2.4h
		0x2e22c020: {false, false}, // umull v0.8h, v1.8b, v2.8b
		0x4e606820: {false, false}, // sadalp v0.4s, v1.8h
	} {
		if got := [2]bool{dots(code), products(code)}; got != want {
			t.Errorf("%08x: %v, wanted %v", code, got, want)
		}
	}
}

// TestModel: the strips of the GEMM, by the model of a Neoverse N1, at nine
// tenths of its multiply-adds or more. It computes; it does not measure.
func TestModel(t *testing.T) {
	tools, err := findLLVM()
	if err != nil {
		t.Skip(err)
	}
	rows, err := measure("../../../asm/neon", regexp.MustCompile("^GEMM"))
	if err != nil {
		t.Fatal(err)
	}
	const core = "neoverse-n1"
	peak, err := tools.peak(core, 0)
	if err != nil || peak < 1.9 || peak > 2 {
		t.Fatalf("%v multiply-adds a cycle, %v: wanted two", peak, err)
	}
	full := map[string]bool{"loop1x4": true, "loop1x6": true, "loop2x4": true, "loop3x4": true, "loop6x4": true, "loop2x6": true}
	n := 0
	for _, r := range rows {
		if !full[r.label] || r.fmas < 48 {
			continue
		}
		n++
		if _, share, err := tools.model(r, core, peak); err != nil || share < 0.9 {
			t.Errorf("%s, %s: %.3f of the peak, %v; wanted 0.9 or more", r.function, r.label, share, err)
		}
	}
	if n < 5 {
		t.Errorf("%d loops with 48 multiply-adds, wanted 5 or more", n)
	}
}

func TestNothingToModel(t *testing.T) {
	dir := t.TempDir()
	if err := report(dir, nil, ".", false); err == nil {
		t.Error("an empty folder was taken")
	}
	if err := report("../../../asm/neon", nil, "(", false); err == nil {
		t.Error("a broken regexp was taken")
	}
	if err := os.WriteFile(filepath.Join(dir, "x_arm64.s"), []byte("TEXT ·F(SB), 7, $0\n\tNONSENSE\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := report(dir, nil, ".", false); err == nil || !strings.Contains(err.Error(), "NONSENSE") {
		t.Errorf("error %v, wanted the assembler's", err)
	}
}

// What a Neoverse N1 can do in a cycle, by LLVM's model of it: two vector instructions. Each
// SMULL has a SADALP beside it, so that there is one a cycle.
func TestPeaks(t *testing.T) {
	tools, err := findLLVM()
	if err != nil {
		t.Skip(err)
	}
	for k, want := range []float64{2, 2, 2, 1} {
		got, err := tools.peak("neoverse-n1", k)
		if err != nil || got < 0.98*want || got > want {
			t.Errorf("%s: got %.2f a cycle (%v), want %.2f", kinds[k].name, got, err, want)
		}
	}
}
