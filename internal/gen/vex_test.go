package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var vexBytes = regexp.MustCompile(`^\tLONG \$0x([0-9a-f]{8}); BYTE \$0x([0-9a-f]{2}) // (.*)$`)

// decodeVEX reads VPDPBUSD of three registers of 256 bits in AVX-VNNI's encoding, field by
// field as Intel's manual has them, and returns it in Intel's syntax.
func decodeVEX(code []byte) (string, error) {
	if len(code) != 5 || code[0] != 0xc4 {
		return "", fmt.Errorf("% x: wanted five bytes, the first one c4", code)
	}
	bit := func(b byte, n int) int { return int(b >> n & 1) }
	second, third, modrm := code[1], code[2], code[4]
	switch {
	case second&0x1f != 2:
		return "", fmt.Errorf("% x: opcode map %d, wanted 2 (0F38)", code, second&0x1f)
	case bit(second, 6) != 1:
		return "", fmt.Errorf("% x: an index register, wanted none", code)
	case bit(third, 7) != 0 || bit(third, 2) != 1 || third&3 != 1:
		return "", fmt.Errorf("% x: wanted W 0, 256 bits and the prefix 66", code)
	case code[3] != 0x50:
		return "", fmt.Errorf("% x: opcode %02x, wanted 50", code, code[3])
	case modrm>>6 != 3:
		return "", fmt.Errorf("% x: an operand in memory, wanted a register", code)
	}
	sums := 8*(1-bit(second, 7)) + int(modrm>>3&7)
	signed := 8*(1-bit(second, 5)) + int(modrm&7)
	unsigned := 15 - int(third>>3&15)
	return fmt.Sprintf("vpdpbusd ymm%d, ymm%d, ymm%d", sums, unsigned, signed), nil
}

// vexCode returns the bytes of a line of assembly and its comment, if it has any.
func vexCode(line string) (code []byte, comment string, ok bool) {
	m := vexBytes.FindStringSubmatch(line)
	if m == nil {
		return nil, "", false
	}
	long, err1 := strconv.ParseUint(m[1], 16, 32)
	last, err2 := strconv.ParseUint(m[2], 16, 8)
	return []byte{byte(long), byte(long >> 8), byte(long >> 16), byte(long >> 24), byte(last)}, m[3], err1 == nil && err2 == nil
}

// vexFiles are the files of the set avxvnni in AVX-VNNI's encoding.
func vexFiles(t *testing.T) (names []string) {
	t.Helper()
	all, err := filepath.Glob("../../asm/avxvnni/*_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all {
		if !strings.HasSuffix(name, "_vl_amd64.s") {
			names = append(names, name)
		}
	}
	if len(names) != 3 {
		t.Fatalf("%d files, wanted three: %v", len(names), names)
	}
	return names
}

// TestVEX: each file in AVX-VNNI's encoding is, line by line, the one in AVX-512's, which
// the tests of package kernel run; where that has VPDPBUSD, it has bytes that are the same
// instruction. Nothing in it needs AVX-512.
func TestVEX(t *testing.T) {
	for _, name := range vexFiles(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		twin, err := os.ReadFile(strings.TrimSuffix(name, "_amd64.s") + "_vl_amd64.s")
		if err != nil {
			t.Fatal(err)
		}
		lines, twins := strings.Split(string(text), "\n"), strings.Split(strings.ReplaceAll(string(twin), vl+"(", "("), "\n")
		if len(lines) != len(twins) {
			t.Fatalf("%s: %d lines, the other has %d", filepath.Base(name), len(lines), len(twins))
		}
		n := 0
		for i, line := range lines {
			at := fmt.Sprintf("%s:%d", filepath.Base(name), i+1)
			if wide.MatchString(line) {
				t.Errorf("%s: %q needs AVX-512", at, line)
			}
			if strings.HasPrefix(line, "//") {
				continue
			}
			code, comment, ok := vexCode(line)
			if !ok {
				if line != twins[i] {
					t.Errorf("%s: %q, the other has %q", at, line, twins[i])
				}
				continue
			}
			n++
			var signed, unsigned, sums int
			if _, err := fmt.Sscanf(strings.TrimSpace(twins[i]), "VPDPBUSD Y%d, Y%d, Y%d", &signed, &unsigned, &sums); err != nil {
				t.Fatalf("%s: the other has %q: %v", at, twins[i], err)
			}
			want := fmt.Sprintf("vpdpbusd ymm%d, ymm%d, ymm%d", sums, unsigned, signed)
			if got, err := decodeVEX(code); err != nil || got != want || comment != want {
				t.Errorf("%s: %q (%v), its comment %q, wanted %q", at, got, err, comment, want)
			}
		}
		if n < 4 {
			t.Errorf("%s: %d times VPDPBUSD", name, n)
		}
	}
}

// wide matches registers that AVX-512 alone has, its masks, and an instruction's name that
// says so.
var wide = regexp.MustCompile(`\bZ\d|\b[XY](1[6-9]|[23]\d)\b|\bK[0-7]\b|AVX512|VMOVDQ[AU](8|16|32|64)\b|VPERMT2|VALIGN|\bVPDPBUSD\b`)

// TestVEXLine: every register in every place.
func TestVEXLine(t *testing.T) {
	for i := range 16 * 16 * 16 {
		sums, unsigned, signed := i>>8, i>>4&15, i&15
		line, err := vexLine(fmt.Sprintf("\tVPDPBUSD Y%d, Y%d, Y%d\n", signed, unsigned, sums))
		if err != nil {
			t.Fatal(err)
		}
		code, comment, ok := vexCode(strings.TrimSuffix(line, "\n"))
		want := fmt.Sprintf("vpdpbusd ymm%d, ymm%d, ymm%d", sums, unsigned, signed)
		if got, err := decodeVEX(code); !ok || err != nil || got != want || comment != want {
			t.Fatalf("%q is %q (%v), wanted %q", line, got, err, want)
		}
	}
	for _, line := range []string{"\tVPDPBUSD Y16, Y1, Y2\n", "\tVPDPBUSD (AX), Y1, Y2\n", "\tVPDPBUSD X0, X1, X2\n", "\tVPDPBUSD Y0, Y1, K1, Y2\n"} {
		if got, err := vexLine(line); err == nil {
			t.Errorf("%q became %q, wanted an error", line, got)
		}
	}
}

// TestVEXBinutils asks a decoder of others, where it is installed.
func TestVEXBinutils(t *testing.T) {
	var image []byte
	var wanted []string
	for _, name := range vexFiles(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if code, comment, ok := vexCode(strings.TrimSuffix(line, "\n")); ok {
				image, wanted = append(image, code...), append(wanted, unspaced(comment))
			}
		}
	}
	out, err := disassembled(t, "objdump", image, "-m", "i386:x86-64", "-M", "intel")
	if err != nil {
		t.Skip(err)
	}
	if bytes.Contains(out, []byte("(bad)")) {
		t.Skip("this objdump does not know AVX-VNNI")
	}
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^ +[0-9a-f]+:\t[0-9a-f ]+\t(?:\{vex\} )?(v.+?) *$`).FindAllStringSubmatch(string(out), -1) {
		got = append(got, strings.Join(strings.Fields(m[1]), " "))
	}
	if fmt.Sprint(got) != fmt.Sprint(wanted) {
		t.Errorf("%d instructions, wanted %d:\n%q\nwanted\n%q", len(got), len(wanted), got, wanted)
	}
}
