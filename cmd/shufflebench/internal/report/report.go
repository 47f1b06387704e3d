// Package report is what one run of shufflebench found out, as data: what -o json
// prints, -baseline reads and the plot is drawn from. It knows no way to measure
// and none to print.
package report

import (
	"fmt"
	"time"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// Format is the version of the JSON form of a Report.
const Format = 1

// Report is everything that one run of shufflebench found out.
type Report struct {
	Format      int           `json:"format"` // see Format
	Time        time.Time     `json:"time"`
	Machine     Machine       `json:"machine"`
	Rounds      int           `json:"rounds"`
	Benchtime   time.Duration `json:"benchtime_ns"` // of each row, over all rounds
	Networks    []Network     `json:"networks"`
	Rows        []Row         `json:"rows"`
	Ratios      []Ratio       `json:"ratios,omitempty"`
	Changes     []Change      `json:"changes,omitempty"` // against -baseline
	Folder      *Folder       `json:"folder,omitempty"`  // of -pictures
	Loads       []Load        `json:"loads,omitempty"`
	Profiles    []Profile     `json:"profiles,omitempty"`
	Kernels     []Kernel      `json:"kernels,omitempty"`
	Warnings    []string      `json:"warnings,omitempty"`
	WarningsOf  []KindCount   `json:"warnings_of,omitempty"`              // how many there are of each kind, in order of appearance
	Interrupted int           `json:"interrupted_after_rounds,omitempty"` // 0: it ran to the end
	Partial     bool          `json:"partial,omitempty"`
}

// Machine is where the run took place.
type Machine struct {
	CPU         string             `json:"cpu"`
	ISAs        []string           `json:"isas"`                  // instruction sets of riffle that run here, the best first
	Why         string             `json:"isa_why,omitempty"`     // why the first of them, or RIFFLE_ISA's, is the default
	Features    []string           `json:"features"`              // of the processor, those that matter to kernels
	Environment []string           `json:"environment,omitempty"` // variables that change what runs, "RIFFLE_ISA=avx2"
	OS          string             `json:"os"`
	Arch        string             `json:"arch"`
	Go          string             `json:"go"`
	Procs       int                `json:"gomaxprocs"`
	CPUs        int                `json:"cpus"`
	Load        string             `json:"load"`                      // averages over 1, 5, 15 minutes before; "" if unknown
	PeakGFLOPS  map[string]float64 `json:"peak_gflops"`               // of one core, by instruction set
	PeakInt8    map[string]float64 `json:"peak_int8_gmacs,omitempty"` // of one core, by instruction set: products of bytes, in 10^9 a second
	MemoryGBs   float64            `json:"memory_gbs"`                // one core copying a block larger than its caches, read and write counted
	CacheGBs    float64            `json:"cache_gbs"`                 // the same inside a level-2 cache
}

// Network is one network that was measured.
type Network struct {
	Name       string `json:"name"`
	Source     string `json:"source"` // "arch", "built in" or the file
	SHA256     string `json:"sha256"` // of the .rfl file
	Input      []int  `json:"input"`
	MACs       int64  `json:"macs"` // of one sample
	Parameters int    `json:"parameters"`
	Int8       bool   `json:"int8,omitempty"` // it is quantized
	Half       bool   `json:"half,omitempty"` // riffle computes it in float16 arithmetic
}

// Measured tells whether any row has times.
func (r *Report) Measured() bool {
	for i := range r.Rows {
		if r.Rows[i].N > 0 {
			return true
		}
	}
	return r.Folder != nil && len(r.Folder.Rows) > 0 && r.Folder.Rows[0].N > 0
}

// Input returns the shape of a network's input, without the batch; nil if the
// report has no network of that name.
func (r *Report) Input(network string) []int {
	for _, n := range r.Networks {
		if n.Name == network {
			return n.Input
		}
	}
	return nil
}

// Warn appends a warning. kind is a few words, the same for all warnings of a kind,
// by which they are summed up. Control characters are replaced.
func (r *Report) Warn(kind, format string, args ...any) {
	r.Warnings = append(r.Warnings, cli.Printable(fmt.Sprintf(format, args...)))
	for i := range r.WarningsOf {
		if r.WarningsOf[i].Kind == kind {
			r.WarningsOf[i].Count++
			return
		}
	}
	r.WarningsOf = append(r.WarningsOf, KindCount{kind, 1})
}

// KindCount is how many warnings of one kind there are.
type KindCount struct {
	Kind  string `json:"kind"`
	Count int    `json:"count"`
}

// Peak is the FMA peak of one core in GFLOP/s, by the best instruction set.
func (m *Machine) Peak() float64 { return largest(m.PeakGFLOPS) }

// Int8Peak is the peak of one core for products of bytes, in GMAC/s, by the best
// instruction set; 0 if it was not measured.
func (m *Machine) Int8Peak() float64 { return largest(m.PeakInt8) }

// PeakOf is the peak that a network of that name is compared with, in 10^9 operations a
// second, two for a multiply-add.
func (r *Report) PeakOf(network string) float64 {
	for _, n := range r.Networks {
		switch {
		case n.Name == network && n.Int8:
			return 2 * r.Machine.Int8Peak()
		case n.Name == network && n.Half: // twice the numbers in a vector
			return 2 * r.Machine.Peak()
		}
	}
	return r.Machine.Peak()
}

func largest(rates map[string]float64) float64 {
	best := 0.0
	for _, p := range rates {
		best = max(best, p)
	}
	return best
}
