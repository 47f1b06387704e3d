// Command model says what the inner loops of the NEON kernels take by
// llvm-mca's model of a core, and what share of the multiply-adds that the core
// can do that is: the only figures that there are until somebody times them on
// hardware.
//
//	go run -C internal/gen ./model [-cores LIST] [-kernels REGEXP] [-markdown] [-asm DIR]
//
// What such a model leaves out: caches and memory (every load hits L1), the
// prediction of branches, alignment, and forwarding from stores to loads. It
// runs one round after another straight on: a branch forward inside a loop is
// never taken or, in a row of its own, always (so that a kernel is modelled with
// its clamp, and without), and what comes before and behind a loop is not counted. Its cores are LLVM's tables, made from the
// vendors' optimization guides, not from measurements: of Cortex-A72 it says one
// multiply-add of four lanes a cycle, of Apple's cores it has those of 2013. In
// the cores that run in order (A53, A55) it lets no load finish before the
// multiply-adds in front of it, as those cores do, and so has too many cycles.
//
// Beside each figure stands the unit of the core that is used most, and for which
// part of the time: V and F are the vector units, L or Ld load, S or M compute. A
// loop whose multiply-adds are far from the peak while such a unit is near 100 %
// is bound by it.
//
// Quantized kernels multiply by SDOT, or by SMULL and SADALP where a core has no SDOT: their
// shares are of those. A core that lacks what a loop takes has no figure for it.
//
// Without llvm-mca it counts instructions: those of a round, and the
// multiply-adds among them.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
)

func main() {
	dir := flag.String("asm", "../../asm/neon", "`folder` of the assembly")
	cores := flag.String("cores", "neoverse-n1,neoverse-v1", "cores to model, with commas between")
	kernels := flag.String("kernels", ".", "`regexp` of the functions to model")
	markdown := flag.Bool("markdown", false, "print a table of Markdown")
	flag.Parse()
	if err := report(*dir, strings.Split(*cores, ","), *kernels, *markdown); err != nil {
		fmt.Fprintln(os.Stderr, "model:", err)
		os.Exit(1)
	}
}

func report(dir string, cores []string, kernels string, markdown bool) error {
	which, err := regexp.Compile(kernels)
	if err != nil {
		return err
	}
	rows, err := measure(dir, which)
	if err != nil {
		return err
	}
	table := [][]string{{"kernel and loop", "instructions", "multiply-adds"}}
	for _, r := range rows {
		table = append(table, []string{r.name(), fmt.Sprint(len(r.code)), fmt.Sprint(r.fmas)})
	}
	tools, err := findLLVM()
	if err != nil {
		fmt.Fprintln(os.Stderr, "model:", err, "- instructions are counted, no more")
		print(table, markdown)
		return nil
	}
	fmt.Printf("llvm-mca of LLVM %d; every load hits L1. Shares are of what the model can do of a kind at all:\n", tools.version)
	for _, core := range cores {
		peaks := make([]float64, len(kinds))
		for k := range kinds {
			if peaks[k], err = tools.peak(core, k); err != nil && k == 0 {
				return err
			} else if err != nil {
				fmt.Printf("%s: no %s\n", core, kinds[k].name)
				continue
			}
			fmt.Printf("%s: %.2f %s a cycle\n", core, peaks[k], kinds[k].name)
		}
		table[0] = append(table[0], core+" cycles", "share", "busiest unit")
		for i, r := range rows {
			if peaks[r.kind] == 0 { // the core has no such instruction
				table[i+1] = append(table[i+1], "-", "-", "-")
				continue
			}
			c, share, err := tools.model(r, core, peaks[r.kind])
			if err != nil {
				return err
			}
			used := 0.0
			if c.cycles > 0 {
				used = c.pressure / c.cycles
			}
			text := "-"
			if r.fmas > 0 {
				text = fmt.Sprintf("%.1f %%", 100*share)
			}
			table[i+1] = append(table[i+1], fmt.Sprintf("%.1f", c.cycles), text, fmt.Sprintf("%s %.0f %%", c.unit, 100*used))
		}
	}
	fmt.Println()
	print(table, markdown)
	return nil
}

// name is what the report calls a loop.
func (l loop) name() string {
	if l.skips {
		return l.function + " " + l.label + ", skipping"
	}
	return l.function + " " + l.label
}

// row is a loop with its machine code.
type row struct {
	loop
	code []uint32
	kind int // of kinds
	fmas int // instructions of that kind
}

// kinds are the instructions that multiply, and how many of which may be together, so
// that nothing but their own units bounds them. A loop with some of a later kind is of that
// kind, though it may have others too.
var kinds = []struct {
	name string
	is   func(code uint32) bool
	body []string
}{
	{"multiply-adds of four lanes", multiplies, each(28, "fmla v%d.4s, v30.4s, v31.s[0]")},
	{"multiply-adds of eight lanes", halves, each(28, "fmla v%d.8h, v30.8h, v15.h[0]")},
	{"SDOT", dots, each(28, "sdot v%d.4s, v30.16b, v31.4b[0]")},
	{"SMULL, each with SADALP,", products, slices.Concat(each(8, "smull v%d.8h, v30.8b, v31.8b"), summed)},
}

// each is a line for each of n registers.
func each(n int, line string) (body []string) {
	for i := range n {
		body = append(body, fmt.Sprintf(line, i))
	}
	return body
}

// summed are the sums of eight products.
var summed = func() (body []string) {
	for i := range 8 {
		body = append(body, fmt.Sprintf("sadalp v%d.4s, v%d.8h", 8+i, i))
	}
	return body
}()

// halves matches FMLA and FMUL of eight float16, by lane.
func halves(c uint32) bool { return c&0xffc0f400 == 0x4f001000 || c&0xffc0f400 == 0x4f009000 }

// dots matches SDOT, by vector or by lane.
func dots(c uint32) bool { return c&0xffe0fc00 == 0x4e809400 || c&0xffc0f400 == 0x4f80e000 }

// products matches SMULL and SMULL2 of bytes.
func products(c uint32) bool { return c&0xbfe0fc00 == 0x0e20c000 }

// multiplies matches FMLA and FMUL of four float32, by vector or by lane.
func multiplies(c uint32) bool {
	switch {
	case c&0xffe0fc00 == 0x4e20cc00, c&0xffe0fc00 == 0x6e20dc00: // fmla, fmul
		return true
	case c&0xffc0f400 == 0x4f801000, c&0xffc0f400 == 0x4f809000: // by lane
		return true
	}
	return false
}

// measure finds the loops of all arm64 files.
func measure(dir string, which *regexp.Regexp) ([]row, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*_arm64.s"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no arm64 assembly", dir)
	}
	tmp, err := os.MkdirTemp("", "model")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	var rows []row
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		code, err := assemble(f, tmp)
		if err != nil {
			return nil, err
		}
		for _, l := range loops(strings.Split(string(text), "\n")) {
			if !which.MatchString(l.function) {
				continue
			}
			r := row{loop: l}
			for _, n := range l.lines {
				if len(code[n]) == 0 {
					return nil, fmt.Errorf("%s:%d has no machine code", f, n+1)
				}
				r.code = append(r.code, code[n]...)
			}
			for k, kind := range kinds {
				n := 0
				for _, c := range r.code {
					if kind.is(c) {
						n++
					}
				}
				if n > 0 {
					r.kind, r.fmas = k, n
				}
			}
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// model returns the cycles of a round, and its share of the peak.
func (l llvm) model(r row, core string, peak float64) (c cost, share float64, err error) {
	body, err := l.disassemble(r.code)
	if err != nil {
		return c, 0, fmt.Errorf("%s: %w", r.name(), err)
	}
	c, err = l.cost(core, body)
	return c, float64(r.fmas) / c.cycles / peak, err
}

func print(table [][]string, markdown bool) {
	if markdown {
		for i, r := range table {
			fmt.Printf("| %s |\n", strings.Join(r, " | "))
			if i == 0 {
				fmt.Printf("|%s\n", strings.Repeat("---|", len(r)))
			}
		}
		return
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, r := range table {
		fmt.Fprintln(w, strings.Join(r, "\t"))
	}
	w.Flush()
}
