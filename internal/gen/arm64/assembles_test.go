package arm64

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// every calls every method that writes an instruction, at the ends of its ranges.
func every(f *Func) {
	a, b, c := f.GP(), f.GPs(20)[19], f.GP()
	vs := f.Vs(32)
	u, v, w := vs[0], vs[31], vs[17]
	f.Label("top")
	f.MOVD(a, b)
	f.MOVD(ZR, b)
	for _, n := range []int{0, 1, -1, 1 << 40, 0x123456789abcdef, 65535, -4097} {
		f.MOVI(n, c)
	}
	for _, d := range []int{-256, -1, 0, 3, 255, 256, 4 * 4095} {
		f.LoadW(At(a, d), b)
		f.LoadWU(At(a, d), b)
		f.StoreW(b, At(a, d))
		f.FMOVS(At(a, d), v)
		f.StoreVS(v, At(a, d))
	}
	for _, d := range []int{-256, 255, 256, 8 * 4095} {
		f.LoadD(At(a, d), b)
		f.StoreD(b, At(a, d))
		f.FMOVD(At(a, d), v)
		f.StoreVD(v, At(a, d))
	}
	for _, d := range []int{-256, 255, 256, 16 * 4095} {
		f.FMOVQ(At(a, d), v)
		f.StoreQ(v, At(a, d))
	}
	for _, d := range []int{-256, -4, 4, 255} {
		f.LoadD(Post(a, d), b)
		f.LoadW(Post(a, d), b)
		f.LoadWU(Post(a, d), b)
		f.StoreD(b, Post(a, d))
		f.StoreW(b, Post(a, d))
		f.FMOVQ(Post(a, d), v)
		f.FMOVD(Post(a, d), v)
		f.FMOVS(Post(a, d), v)
		f.StoreQ(v, Post(a, d))
		f.StoreVD(v, Post(a, d))
		f.StoreVS(v, Post(a, d))
	}
	for _, at := range []func(base, index GP, shift int) Addr{Index, IndexW} {
		f.LoadW(at(a, b, 0), c)
		f.LoadW(at(a, b, 2), c)
		f.LoadWU(at(a, b, 2), c)
		f.LoadD(at(a, b, 0), c)
		f.LoadD(at(a, b, 3), c)
		f.StoreD(c, at(a, b, 3))
		f.StoreW(c, at(a, b, 2))
		f.FMOVQ(at(a, b, 0), v)
		f.FMOVQ(at(a, b, 4), v)
		f.FMOVD(at(a, b, 3), v)
		f.FMOVS(at(a, b, 2), v)
		f.StoreQ(v, at(a, b, 0))
		f.StoreVD(v, at(a, b, 3))
		f.StoreVS(v, at(a, b, 2))
	}
	f.LDPSW(At(a, -256), b, c)
	f.LDPSW(Post(a, 252), b, c)
	f.LDP(At(a, -512), b, c)
	f.LDP(Post(a, 504), b, c)
	f.FLDPQ(At(a, -1024), u, v)
	f.FLDPQ(Post(a, 1008), u, v)
	f.FSTPQ(u, v, At(a, -1024))
	f.FSTPQ(u, v, Post(a, 1008))
	f.VLD1R(At(a, 0), v)
	f.VLD1R(Post(a, 4), v)
	for i := range 4 {
		f.VLD1Lane(At(a, 0), v, i)
		f.VLD1Lane(Post(a, 4), v, i)
		f.VST1Lane(v, i, At(a, 0))
		f.VST1Lane(v, i, Post(a, 4))
		f.VDUP(v, i, w)
		f.VMOVLane(v, i, w, 3-i)
		f.FMLALane(v, i, w, u)
		f.FMULLane(v, i, w, u)
		list := append([]V{v}, vs[:3]...)[:i+1] // V31 is followed by V0
		f.VLD1s(At(a, 0), list)
		f.VLD1s(Post(a, 16*len(list)), list)
		f.VST1s(list, At(a, 0))
		f.VST1s(list, Post(a, 16*len(list)))
		f.VTBL(w, list, u)
		f.VTBX(w, list, u)
		f.SDOTLane(v, i, w, u)
		f.LanesTo(a, vs[:LanesLen(8+i)], 8+i)
	}
	f.VLD2(At(a, 0), vs[3:5])
	f.VLD2(Post(a, 32), vs[3:5])
	f.VST2(vs[3:5], At(a, 0))
	f.VST2(vs[3:5], Post(a, 32))
	f.ADD(a, b, c)
	f.ADDI(4095, b, c)
	f.ADDI(4095<<12, b, c)
	f.ADDL(a, 0, b, c)
	f.ADDL(a, 63, b, c)
	f.SUB(a, ZR, c)
	f.SUB(a, b, c)
	f.SUBI(4095, b, c)
	f.SUBL(a, 4, b, c)
	f.SUBS(a, b, c)
	f.SUBSI(1<<12, b, c)
	f.MUL(a, b, c)
	f.MADD(a, b, c, c)
	f.LSL(0, a, b)
	f.LSL(63, a, b)
	f.LSR(1, a, b)
	f.LSR(63, a, b)
	f.ASR(63, a, b)
	f.ANDLow(1, a, b)
	f.ANDLow(31, a, b)
	f.CMP(a, b)
	f.CMPI(4095, b)
	for _, cond := range []string{"EQ", "NE", "LT", "LE", "GT", "GE", "LO", "LS", "HI", "HS"} {
		f.CSEL(cond, a, b, c)
		f.CSEL(cond, a, ZR, c)
		f.BC(cond, "top")
	}
	f.CBZ(a, "top")
	f.CBNZ(a, "top")
	f.TBZ(63, a, "top")
	f.TBNZ(0, a, "top")
	f.PRFM(At(a, 0))
	f.PRFM(At(a, 8*4095))
	for _, three := range []func(m, n, d V){
		f.FDIV, f.FCMGT, f.VADD,
		f.VFMLA, f.VFMLS, f.FADD, f.FSUB, f.FMUL, f.FMAX, f.FMIN, f.FADDP, f.FADDS, f.FMULS, f.FMAXS, f.FMINS,
		f.VZIP1, f.VZIP2, f.VUZP1, f.VUZP2, f.VTRN1, f.VTRN2, f.VZIP1D, f.VZIP2D,
		f.VAND, f.VORR, f.VEOR, f.VBSL, f.VBIT, f.VBIF,
	} {
		three(u, v, w)
		three(v, w, u)
	}
	for _, three := range []func(m, n, d V){
		f.SDOT, f.SMULL, f.SMULL2, f.SQADDH, f.VSUB, f.VADDB, f.VSUBB, f.VUMAX, f.VUMIN, f.VZIP1B, f.VZIP2B, f.VZIP1H, f.VZIP2H, f.VUZP1B,
	} {
		three(u, v, w)
		three(v, w, u)
	}
	for _, two := range []func(n, d V){
		f.SADALP, f.UADALP, f.SADDLPB, f.UADDLPB, f.UADALPB, f.SCVTF, f.FCVTNS, f.SQXTN, f.SQXTN2, f.SQXTUN, f.SQXTUN2,
		f.VADDV, f.VUXTLB, f.VUXTLB2, f.VUXTLH, f.VUXTLH2,
	} {
		two(u, v)
		two(v, u)
	}
	f.VMOVIB(0, v)
	f.VMOVIB(255, v)
	f.VLD1RB(At(a, 0), v)
	f.VLD1RB(Post(a, 1), v)
	f.VLD1RH(At(a, 0), v)
	f.VLD1RH(Post(a, 2), v)
	for _, d := range []int{-256, 255, 256, 4095} {
		f.LoadBU(At(a, d), b)
	}
	f.LoadBU(Post(a, 1), b)
	f.LoadBU(Index(a, b, 0), c)
	f.FMADDS(u, v, w, u)
	f.FCVTL(v, w)
	f.FCVTL2(v, w)
	f.FCVTN(v, w)
	f.FCVTN2(v, w)
	for i := range 8 {
		f.FMLAHLane(vs[15], i, w, v)
		f.FMULHLane(u, i, v, w)
		f.FMLALHLane(vs[15], i, w, v)
		f.FMLAL2HLane(u, i, v, w)
	}
	f.FNEG(v, w)
	f.FABS(v, w)
	f.VSHL(0, v, w)
	f.VSHL(31, v, w)
	f.VMOV(v, w)
	f.VZERO(v)
	f.VDUPGP(a, v)
	f.VDUPGP(ZR, v)
	f.VDUPH(a, v)
	f.VEXT(0, u, v, w)
	f.VEXT(15, u, v, w)
	f.PCALIGN(16)
	f.B("top")
}

// TestAssembles: Go's assembler takes every instruction, each as one machine
// instruction without R27, and vet finds the frame right.
func TestAssembles(t *testing.T) {
	code, decl := build(t, func(f *Func) {
		f.LoadTo("m", f.GP())
		f.LoadS("lo", f.V())
		every2 := f.GP()
		f.Return(every2, "sum")
		f.Free(every2)
		f.gp, f.v = gpPool(), vPool()
		every(f)
	})
	dir := t.TempDir()
	stub := "package asm\n\nfunc " + decl.Name + decl.Signature + "\n"
	for name, text := range map[string]string{"f_arm64.s": code, "f_arm64.go": stub, "go.mod": "module asm\n\ngo 1.24\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	goTool := func(args ...string) []byte {
		t.Helper()
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOARCH=arm64", "GOOS=linux", "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, stderr.Bytes())
		}
		return out
	}
	goTool("vet", ".")
	root := strings.TrimSpace(string(goTool("env", "GOROOT")))
	goTool("tool", "asm", "-I", filepath.Join(root, "pkg", "include"), "-p", "asm", "-o", "f.o", "f_arm64.s")
	dump := goTool("tool", "objdump", "f.o")
	if m := regexp.MustCompile(`(?m)^.*\bR27\b.*$`).Find(dump); m != nil {
		t.Errorf("R27 is used: %s", m)
	}
	lines := map[string]int{} // of the source, by number
	for _, m := range regexp.MustCompile(`(?m)^  f_arm64.s:(\d+)\s+\S+\s+([0-9a-f]{8})\s`).FindAllSubmatch(dump, -1) {
		if string(m[2]) != "00000000" { // padding
			lines[string(m[1])]++
		}
	}
	source := strings.Split(code, "\n")
	if len(lines) < 300 {
		t.Errorf("%d instructions in the dump, wanted more", len(lines))
	}
	for n, count := range lines {
		var i int
		fmt.Sscan(n, &i)
		text := strings.TrimSpace(source[i-1])
		if count > 1 && !strings.HasPrefix(text, "PCALIGN") && !strings.HasPrefix(text, "MOVD $") {
			t.Errorf("%s became %d instructions", text, count)
		}
	}
}
