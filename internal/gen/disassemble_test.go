package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// disassembled is what objdump says of bare machine code. It need not be installed: then the
// test is skipped. The error is that of an architecture which it does not know.
func disassembled(t *testing.T, objdump string, code []byte, architecture ...string) ([]byte, error) {
	t.Helper()
	program, err := exec.LookPath(objdump)
	if err != nil {
		t.Skip(err)
	}
	file := filepath.Join(t.TempDir(), "code")
	if err := os.WriteFile(file, code, 0o644); err != nil {
		t.Fatal(err)
	}
	return exec.Command(program, append(append([]string{"-D", "-b", "binary"}, architecture...), file)...).Output()
}

// TestAVX512Disassembles has another decoder read what Go's assembler made of asm/avx512,
// which it does on machines too that cannot run it: in each function the vector and mask
// instructions must be those of the source, in order, with its broadcasts and zeroings.
func TestAVX512Disassembles(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	objdump, err := exec.LookPath("objdump")
	if err != nil {
		t.Skip("left out: no objdump")
	}
	program := filepath.Join(t.TempDir(), "kernel.test")
	build := exec.Command("go", "test", "-c", "-o", program, "./kernel")
	build.Dir, build.Env = "../..", append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	dump, err := exec.Command(objdump, "-d", "--no-show-raw-insn", program).Output()
	if err != nil {
		t.Skipf("left out: %s cannot read amd64: %v", objdump, err)
	}
	machine := dumped(string(dump))
	source := map[string][]string{}
	files, err := filepath.Glob("../../asm/avx512/*_amd64.s")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		written(string(text), source)
	}
	instructions := 0
	for name, want := range source {
		got, ok := machine[name]
		if !ok {
			t.Errorf("%s is not in the program: no kernel calls it", name)
			continue
		}
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Errorf("%s, vector instruction %d: got %q of %d, wanted %q of %d", name, i, at(got, i), len(got), at(want, i), len(want))
				break
			}
		}
		instructions += len(want)
	}
	t.Logf("%d vector instructions of %d functions", instructions, len(source))
}

func at(s []string, i int) string {
	if i < len(s) {
		return s[i]
	}
	return "none"
}

var (
	dumpedFunction = regexp.MustCompile(`^[0-9a-f]+ <github\.com/riffle-ml/riffle/asm/avx512\.(\w+)(?:\.abi0)?>:$`)
	dumpedLine     = regexp.MustCompile(`^\s+[0-9a-f]+:\s+(?:\{\w+\}\s+)?(\S+)\s*(.*)$`)
	writtenText    = regexp.MustCompile(`^TEXT ·(\w+)\(SB\)`)
	writtenLine    = regexp.MustCompile(`^\t([VK][A-Z0-9]+)((?:\.[A-Z]+)*)\b`)
	compare        = regexp.MustCompile(`^vcmp[a-z]+ps$`) // objdump writes the condition into the name
)

// instruction is a mnemonic with what its operands say: a broadcast, or zeroing.
func instruction(name string, broadcast, zeroing bool) string {
	name = compare.ReplaceAllString(strings.ToLower(name), "vcmpps")
	if broadcast {
		name += " broadcast"
	}
	if zeroing {
		name += " zeroing"
	}
	return name
}

// dumped are the vector instructions of the set's functions in a dump.
func dumped(dump string) map[string][]string {
	functions := map[string][]string{}
	in := ""
	for line := range strings.Lines(dump) {
		line = strings.TrimRight(line, "\n")
		if strings.HasSuffix(line, ">:") {
			in = ""
			if m := dumpedFunction.FindStringSubmatch(line); m != nil {
				in = m[1] // or its wrapper for a call by value, which has no such instruction
				functions[in] = append([]string{}, functions[in]...)
			}
		} else if m := dumpedLine.FindStringSubmatch(line); in != "" && m != nil && (m[1][0] == 'v' || m[1][0] == 'k' || m[1] == "(bad)") {
			functions[in] = append(functions[in], instruction(m[1], strings.Contains(m[2], "{1to"), strings.Contains(m[2], "{z}")))
		}
	}
	return functions
}

// written adds those of a source.
func written(text string, functions map[string][]string) {
	in := ""
	for line := range strings.Lines(text) {
		if m := writtenText.FindStringSubmatch(line); m != nil {
			in = m[1]
			functions[in] = []string{}
		} else if m := writtenLine.FindStringSubmatch(line); m != nil {
			functions[in] = append(functions[in], instruction(m[1], strings.Contains(m[2], ".BCST"), strings.Contains(m[2], ".Z")))
		}
	}
}
