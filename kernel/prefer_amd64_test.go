//go:build !purego

package kernel

import (
	"strings"
	"testing"
)

// TestPrefer512: what is known of a processor decides without a measurement; of others
// the peaks do.
func TestPrefer512(t *testing.T) {
	for _, c := range []struct {
		name         string
		core         core
		at256, at512 float64 // 0: not to be measured
		better       bool
		why          string
	}{
		{"Zen 4", core{amd: true, family: 0x19, model: 0x11}, 0, 0, true, "two halves"},
		{"Zen 5", core{amd: true, family: 0x1a, model: 0x02}, 0, 0, true, "Zen 5"},
		{"Ice Lake server", core{intel: true, family: 6, model: 0x6a}, 0, 0, true, "two multiply-add units"},
		{"Sapphire Rapids", core{intel: true, family: 6, model: 0x8f}, 0, 0, true, "two multiply-add units"},
		{"Cascade Lake", core{intel: true, family: 6, model: 0x55}, 86, 153, true, "153.0 GFLOP/s with 512 bits and 86.0 with 256, at least"},
		{"Skylake with one unit", core{intel: true, family: 6, model: 0x55}, 80, 72, false, "less than"},
		{"Tiger Lake", core{intel: true, family: 6, model: 0x8c}, 120, 118, false, "less than"},
		{"another maker's of the same number", core{family: 0x19}, 100, 114, false, "less than"},
		{"another maker's", core{family: 7, model: 0x5b}, 100, 115, true, "at least"},
	} {
		measured := false
		c.core.peaks = func() (float64, float64) { measured = true; return c.at256, c.at512 }
		better, why := prefer512(c.core)
		if better != c.better || !strings.Contains(why, c.why) {
			t.Errorf("%s: %v, %q, wanted %v and %q", c.name, better, why, c.better, c.why)
		}
		if measured != (c.at256 > 0) {
			t.Errorf("%s: measured %v, wanted %v", c.name, measured, !measured)
		}
	}
}

// TestHalves512: cores that compute 512 bits in halves are told from those that do not.
func TestHalves512(t *testing.T) {
	for _, c := range []struct {
		core core
		want bool
	}{
		{core{amd: true, family: 0x19, model: 0x11}, true},
		{core{amd: true, family: 0x1a, model: 0x02}, false},
		{core{amd: true, family: 0x1a, model: 0x24}, true},
		{core{amd: true, family: 0x1a, model: 0x44}, false},
		{core{intel: true, family: 6, model: 0x8f}, false},
	} {
		if got := c.core.halves(); got != c.want {
			t.Errorf("%+v: %v, wanted %v", c.core, got, c.want)
		}
	}
}

// TestPeaks512: the measurement gives numbers.
func TestPeaks512(t *testing.T) {
	if missing := avx512.missing(); missing != nil {
		t.Skipf("left out: the processor lacks %s", strings.Join(missing, ", "))
	}
	at256, at512 := peaks512()
	if !(at256 > 0 && at512 > 0) {
		t.Errorf("%v and %v GFLOP/s", at256, at512)
	}
}

// TestBothWidths: on a core that computes 512 bits in halves and on one that does not,
// the strips differ and the bits do not.
func TestBothWidths(t *testing.T) {
	defer func(h bool) { halves512 = h }(halves512)
	for n := 1; n < 200; n++ {
		for _, width := range []int{48, 16} {
			for _, halves := range []bool{true, false} {
				for left := n; left > 0; {
					s, took := next512(width, left, halves)
					if took < 1 || took > left || took > 4 && s.columns() || took > 8 && s == tail8 {
						t.Fatalf("%d pixels, strips of %d: strip %d takes %d of %d", n, width, s, took, left)
					}
					left -= took
				}
			}
		}
	}
	if missing := avx512.missing(); missing != nil {
		t.Skipf("left out: the processor lacks %s", strings.Join(missing, ", "))
	}
	for _, n := range []int{9, 12, 28, 57, 170} {
		g := newBenchGEMM(gemmShape{37, 300, n}, avx512Tile)
		for i := range g.Mem[:int(g.C[0])] {
			g.Mem[i] = float32(i%101) - 50
		}
		var got [2][]float32
		for i := range got {
			halves512 = i == 0
			avx512GEMM(g)
			for _, c := range g.C {
				got[i] = append(got[i], g.Mem[c:int(c)+n]...)
			}
		}
		for i := range got[0] {
			if !sameBits(got[0][i], got[1][i]) {
				t.Fatalf("%d pixels: output %d is %v by halves, %v by whole vectors", n, i, got[0][i], got[1][i])
			}
		}
	}
}
