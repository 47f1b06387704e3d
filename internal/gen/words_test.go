package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/arch/arm64/arm64asm"
)

var wordLine = regexp.MustCompile(`^\tWORD \$0x([0-9a-f]{8}) // (\S.*)$`)

// parseWord returns the code and the comment of a line with an instruction
// that Go's assembler does not know; ok is false for every other line.
func parseWord(line string) (code uint32, comment string, ok bool, err error) {
	if !strings.Contains(line, "WORD") {
		return 0, "", false, nil
	}
	m := wordLine.FindStringSubmatch(line)
	if m == nil {
		return 0, "", false, fmt.Errorf("%q: wanted WORD $0x and eight digits, and the instruction as a comment", line)
	}
	n, err := strconv.ParseUint(m[1], 16, 32)
	return uint32(n), m[2], true, err
}

// checkWord decodes a code and compares it with its comment.
func checkWord(code uint32, comment string) error {
	if half := decodeHalf(code); half != "" {
		if unspaced(half) != unspaced(comment) {
			return fmt.Errorf("%08x is %q, the comment says %q", code, half, comment)
		}
		return nil
	}
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], code)
	got := dotProduct(code)
	if got == "" {
		inst, err := arm64asm.Decode(b[:])
		if err != nil {
			return fmt.Errorf("%08x, %q: %w", code, comment, err)
		}
		got = arm64asm.GNUSyntax(inst)
	}
	if unspaced(got) != unspaced(comment) {
		return fmt.Errorf("%08x is %q, the comment says %q", code, got, comment)
	}
	return nil
}

// dotProduct decodes SDOT, which arm64asm does not know: of two vectors, or of a vector
// and an element. For any other instruction it returns "".
func dotProduct(code uint32) string {
	d, n, m := code&31, code>>5&31, code>>16&31
	switch {
	case code&0xffe0fc00 == 0x4e809400:
		return fmt.Sprintf("sdot v%d.4s, v%d.16b, v%d.16b", d, n, m)
	case code&0xffc0f400 == 0x4f80e000:
		return fmt.Sprintf("sdot v%d.4s, v%d.16b, v%d.4b[%d]", d, n, m, code>>21&1|code>>10&2)
	}
	return ""
}

func unspaced(s string) string { return strings.ReplaceAll(s, ", ", ",") }

// words calls f for every WORD of the set neon, and fails where there are none.
func words(t *testing.T, f func(at string, code uint32, comment string)) {
	t.Helper()
	files, err := filepath.Glob("../../asm/neon/*_arm64.s")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			code, comment, ok, err := parseWord(line)
			if err != nil {
				t.Fatalf("%s:%d: %v", filepath.Base(name), i+1, err)
			}
			if ok {
				f(fmt.Sprintf("%s:%d", filepath.Base(name), i+1), code, comment)
				n++
			}
		}
	}
	if n == 0 {
		t.Fatalf("no WORD in %d files", len(files))
	}
	t.Logf("%d words", n)
}

// TestWords: every WORD is the instruction that its comment says.
func TestWords(t *testing.T) {
	words(t, func(at string, code uint32, comment string) {
		if err := checkWord(code, comment); err != nil {
			t.Errorf("%s: %v", at, err)
		}
	})
}

// TestWordsBinutils asks a second decoder, where it is installed.
func TestWordsBinutils(t *testing.T) {
	var image []byte
	var wanted, places []string
	words(t, func(at string, code uint32, comment string) {
		image = binary.LittleEndian.AppendUint32(image, code)
		wanted, places = append(wanted, comment), append(places, at)
	})
	out, err := disassembled(t, "aarch64-linux-gnu-objdump", image, "-m", "aarch64")
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	for _, m := range regexp.MustCompile(`(?m)^ +[0-9a-f]+:\t[0-9a-f]{8} \t(.+)$`).FindAllStringSubmatch(string(out), -1) {
		if i == len(wanted) {
			t.Fatalf("more than %d instructions", len(wanted))
		}
		if got := strings.ReplaceAll(m[1], "\t", " "); unspaced(got) != unspaced(wanted[i]) {
			t.Errorf("%s: %q, the comment says %q", places[i], got, wanted[i])
		}
		i++
	}
	if i != len(wanted) {
		t.Errorf("%d instructions, wanted %d", i, len(wanted))
	}
}

// TestWordsTampered: what those tests are to find, they find.
func TestWordsTampered(t *testing.T) {
	for _, c := range []struct {
		good   string
		others []string
	}{
		{"\tWORD $0x4f9f1b36 // fmla v22.4s, v25.4s, v31.s[2]", []string{
			"fmls v22.4s, v25.4s, v31.s[2]", "fmla v22.4s, v25.4s, v31.s[3]", "fmla v22.2s, v25.4s, v31.s[2]", "fmla v25.4s, v22.4s, v31.s[2]", "",
		}},
		{"\tWORD $0x4fbfeb36 // sdot v22.4s, v25.16b, v31.4b[3]", []string{
			"udot v22.4s, v25.16b, v31.4b[3]", "sdot v22.4s, v25.16b, v31.4b[2]", "sdot v22.4s, v25.16b, v31.16b", "",
		}},
		{"\tWORD $0x4e9f9736 // sdot v22.4s, v25.16b, v31.16b", []string{
			"udot v22.4s, v25.16b, v31.16b", "sdot v22.4s, v31.16b, v25.16b", "sdot v22.2s, v25.8b, v31.8b",
		}},
	} {
		code, comment, ok, err := parseWord(c.good)
		if !ok || err != nil || checkWord(code, comment) != nil {
			t.Fatalf("%q: %v, %v, %v", c.good, ok, err, checkWord(code, comment))
		}
		for bit := range 32 {
			if checkWord(code^1<<bit, comment) == nil {
				t.Errorf("%q: bit %d turned, and not seen", c.good, bit)
			}
		}
		for _, other := range c.others {
			if checkWord(code, other) == nil {
				t.Errorf("%q passed for %q", other, comment)
			}
		}
	}
	for _, line := range []string{"\tWORD $0x4f9f1b36", "\tWORD $0x4f9f1b3 // x", "\tWORD $123 // x", "\tWORD $0x4F9F1B36 // x", "\tWORD $0x4f9f1b36 //"} {
		if _, _, ok, err := parseWord(line); ok || err == nil {
			t.Errorf("%q passed", line)
		}
	}
	if _, _, ok, err := parseWord("\tFMOVQ (R0), F1"); ok || err != nil {
		t.Errorf("a line without a WORD: %v, %v", ok, err)
	}
}
