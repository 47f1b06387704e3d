//go:build !purego

package kernel

import (
	"fmt"
	"slices"

	"github.com/klauspost/cpuid/v2"
)

// core is what decides between AVX2 and AVX-512 on a processor that has both.
type core struct {
	amd, intel    bool
	family, model int
	peaks         func() (at256, at512 float64) // GFLOP/s, measured
}

func thisCore() core {
	return core{cpuid.CPU.VendorID == cpuid.AMD, cpuid.CPU.VendorID == cpuid.Intel, cpuid.CPU.Family, cpuid.CPU.Model, peaks512}
}

// Families and models as CPUID's leaf 1 has them, extensions added: AMD's and Intel's
// manuals of the processors.
const (
	zen4 = 0x19 // Zen 3 too, which has no AVX-512
	zen5 = 0x1a

	intelCore = 6
)

// twoPorts are Intel's servers all of which have two 512-bit multiply-add units: Ice
// Lake (6a, 6c), Sapphire Rapids (8f), Granite Rapids (ad, ae), Emerald Rapids (cf). Of
// Skylake's model 55 some have one: those are measured.
var twoPorts = []int{0x6a, 0x6c, 0x8f, 0xad, 0xae, 0xcf}

// gain512 is from how much more peak on 512 bits are faster for certain. What a core
// gains with one unit of 512 bits, which are two of 256, is not known where its clock
// falls with them.
const gain512 = 1.15

// prefer512 tells whether AVX-512 is faster than AVX2, and why it thinks so. What it
// knows costs nothing. What it does not know it measures, for less than a millisecond.
func prefer512(c core) (better bool, why string) {
	switch {
	case c.amd && c.family == zen4:
		return true, "Zen 4 computes 512 bits in two halves, and has been measured: more registers and masks make it faster than AVX2"
	case c.amd && c.family == zen5:
		return true, "Zen 5 is at least as fast with 512 bits as with 256, and gains by more registers and masks"
	case c.intel && c.family == intelCore && slices.Contains(twoPorts, c.model):
		return true, "this processor has two multiply-add units of 512 bits"
	}
	narrow, wide := c.peaks()
	better, than := wide >= gain512*narrow, "less than"
	if better {
		than = "at least"
	}
	return better, fmt.Sprintf("measured peaks are %.1f GFLOP/s with 512 bits and %.1f with 256, %s %.2f times as much", wide, narrow, than, gain512)
}

// halves512 tells whether the core computes 512 bits in two halves, so that half a
// vector takes half the time.
var halves512 = thisCore().halves()

func (c core) halves() bool {
	mobile := c.family == zen5 && (c.model&^0xf == 0x20 || c.model&^0xf == 0x60) // Strix Point, Krackan Point
	return c.amd && (c.family == zen4 || mobile)
}
