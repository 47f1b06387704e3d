package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// llvm is one installed version of the tools.
type llvm struct {
	mca, mc string
	version int
}

// oldest is the first LLVM whose models of these cores are of use: 14 takes
// another core's numbers for a Neoverse N1.
const oldest = 17

// findLLVM returns the tools of version 19, which the figures quoted are of, else
// of the newest version that is installed.
func findLLVM() (llvm, error) {
	names := []string{"19"}
	for v := 30; v >= oldest; v-- {
		names = append(names, strconv.Itoa(v))
	}
	for _, v := range append(names, "") {
		suffix := ""
		if v != "" {
			suffix = "-" + v
		}
		mca, err := exec.LookPath("llvm-mca" + suffix)
		if err != nil {
			continue
		}
		mc, err := exec.LookPath("llvm-mc" + suffix)
		if err != nil {
			continue
		}
		out, err := exec.Command(mca, "--version").Output()
		if err != nil {
			return llvm{}, err
		}
		m := regexp.MustCompile(`LLVM version (\d+)`).FindSubmatch(out)
		if m == nil {
			continue
		}
		if n, _ := strconv.Atoi(string(m[1])); n >= oldest {
			return llvm{mca, mc, n}, nil
		}
	}
	return llvm{}, fmt.Errorf("no llvm-mca and llvm-mc of LLVM %d or newer (Debian: apt-get install llvm-19)", oldest)
}

// disassemble returns the text of machine code in LLVM's syntax.
func (l llvm) disassemble(code []uint32) ([]string, error) {
	var in strings.Builder
	for _, c := range code {
		fmt.Fprintf(&in, "0x%02x 0x%02x 0x%02x 0x%02x\n", byte(c), byte(c>>8), byte(c>>16), byte(c>>24))
	}
	out, err := run(in.String(), l.mc, "-triple=aarch64", "-mattr=+all", "-disassemble")
	if err != nil {
		return nil, err
	}
	var text []string
	for line := range strings.Lines(out) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, ".") {
			text = append(text, strings.Join(strings.Fields(line), " "))
		}
	}
	if len(text) != len(code) {
		return nil, fmt.Errorf("%s: %d instructions of %d", l.mc, len(text), len(code))
	}
	return text, nil
}

var (
	totalCycles = regexp.MustCompile(`Total Cycles:\s+(\d+)`)
	unitLine    = regexp.MustCompile(`(?m)^\[[0-9.]+\]\s+- (\S+)$`)
	pressures   = regexp.MustCompile(`(?m)^Resource pressure per iteration:\n.*\n(.*)$`)
)

// cost is what one round of a loop takes on a core: its cycles, and those of them
// in which the unit used most is in use.
type cost struct {
	cycles   float64
	unit     string
	pressure float64
}

// cost models one round of a loop.
func (l llvm) cost(core string, body []string) (c cost, err error) {
	const rounds = 500
	out, err := run(strings.Join(body, "\n")+"\n", l.mca, "-mtriple=aarch64", "-mcpu="+core, "-mattr=+fp16fml", fmt.Sprintf("-iterations=%d", rounds))
	if err != nil {
		return c, err
	}
	m := totalCycles.FindStringSubmatch(out)
	if m == nil {
		return c, fmt.Errorf("%s: no total of cycles", l.mca)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return c, err
	}
	c.cycles = float64(n) / rounds
	units, used := unitLine.FindAllStringSubmatch(out, -1), pressures.FindStringSubmatch(out)
	if used == nil || len(strings.Fields(used[1])) != len(units) {
		return c, fmt.Errorf("%s: no pressure for each of %d units", l.mca, len(units))
	}
	for i, p := range strings.Fields(used[1]) {
		if x, err := strconv.ParseFloat(p, 64); err == nil && x > c.pressure { // "-" is none
			c.unit, c.pressure = units[i][1], x
		}
	}
	return c, nil
}

// peak returns how many instructions of a kind a core can do in a cycle by its model:
// independent ones, and nothing else.
func (l llvm) peak(core string, kind int) (float64, error) {
	k := kinds[kind]
	c, err := l.cost(core, k.body)
	if err != nil {
		return 0, err
	}
	n := len(k.body)
	if kind == 2 { // half of them are the sums
		n /= 2
	}
	return float64(n) / c.cycles, nil
}

func run(stdin, name string, args ...string) (string, error) {
	c := exec.Command(name, args...)
	c.Stdin = strings.NewReader(stdin)
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, errs.String())
	}
	return string(out), nil
}

var dumpLine = regexp.MustCompile(`(?m)^\s+\S+\.s:(\d+)\s+0x[0-9a-f]+\s+([0-9a-f]{8})\s`)

// assemble returns the machine code that each line of an assembly file became.
func assemble(file, dir string) (map[int][]uint32, error) {
	root, err := run("", "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	object := filepath.Join(dir, "object")
	c := exec.Command("go", "tool", "asm", "-I", filepath.Join(strings.TrimSpace(root), "pkg", "include"), "-p", "asm", "-o", object, file)
	c.Env = append(c.Environ(), "GOOS=linux", "GOARCH=arm64")
	if out, err := c.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go tool asm: %w\n%s", err, out)
	}
	dump, err := run("", "go", "tool", "objdump", object)
	if err != nil {
		return nil, err
	}
	code := map[int][]uint32{}
	for _, m := range dumpLine.FindAllStringSubmatch(dump, -1) {
		line, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, err
		}
		b, err := hex.DecodeString(m[2])
		if err != nil {
			return nil, err
		}
		word := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
		code[line-1] = append(code[line-1], word)
	}
	return code, nil
}
