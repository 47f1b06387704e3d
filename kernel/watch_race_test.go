//go:build race

package kernel

import (
	"maps"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// raceSink keeps reads alive.
var raceSink float32

const envRacing = "RIFFLE_TEST_RACING"

// racing has one call of each kernel, and beside it another goroutine's write
// to something that the call reads, or read of something that it writes.
func racing() map[string]func() (call func(*Set), other func()) {
	arena := func() ([]float32, [][]int32) { return benchPlanes(2, 64, 64, 64) }
	return map[string]func() (func(*Set), func()){
		"GEMM, weights": func() (func(*Set), func()) {
			g := newBenchGEMM(gemmShape{4, 4, 16}, Sets()[0].Tiles[0])
			return func(s *Set) { s.GEMM(g) }, func() { g.A[7] = 1 }
		},
		"GEMM, pixels": func() (func(*Set), func()) {
			g := newBenchGEMM(gemmShape{4, 4, 16}, Sets()[0].Tiles[0])
			return func(s *Set) { s.GEMM(g) }, func() { g.Mem[int(g.B[1])+15] = 1 }
		},
		"GEMM, result": func() (func(*Set), func()) {
			g := newBenchGEMM(gemmShape{4, 4, 13}, Sets()[0].Tiles[0])
			return func(s *Set) { s.GEMM(g) }, func() { g.Mem[int(g.C[3])+15] = 1 } // a spill of 3
		},
		"Depthwise, pixels": func() (func(*Set), func()) {
			mem, tab := arena()
			d := Depthwise{Mem: mem, Src: tab[0], Dst: tab[1], W: make([]float32, 20), C: 2, H: 8, Wid: 8, OH: 8, OW: 8, KH: 3, KW: 3, SH: 1, SW: 1, PadTop: 1, PadLeft: 1}
			return func(s *Set) { d.Masks = s.DepthwiseMasks(&d); s.Depthwise(&d) }, func() { mem[tab[0][1]+63] = 1 }
		},
		"Depthwise, result": func() (func(*Set), func()) {
			mem, tab := arena()
			d := Depthwise{Mem: mem, Src: tab[0], Dst: tab[1], W: make([]float32, 20), C: 2, H: 8, Wid: 8, OH: 8, OW: 8, KH: 3, KW: 3, SH: 1, SW: 1, PadTop: 1, PadLeft: 1}
			return func(s *Set) { d.Masks = s.DepthwiseMasks(&d); s.Depthwise(&d) }, func() { raceSink = mem[tab[1][0]] }
		},
		"MaxPool": func() (func(*Set), func()) {
			mem, tab := arena()
			p := Pool{Mem: mem, Src: tab[0], Dst: tab[1], C: 2, H: 8, W: 8, OH: 4, OW: 4, KH: 2, KW: 2, SH: 2, SW: 2}
			return func(s *Set) { p.Masks = s.PoolMasks(&p); s.MaxPool(&p) }, func() { raceSink = mem[tab[1][1]+15] }
		},
		"AvgPool": func() (func(*Set), func()) {
			mem, tab := arena()
			p := Pool{Mem: mem, Src: tab[0], Dst: tab[1], C: 2, H: 8, W: 8, OH: 4, OW: 4, KH: 2, KW: 2, SH: 2, SW: 2}
			return func(s *Set) { p.Masks = s.PoolMasks(&p); s.AvgPool(&p) }, func() { mem[tab[0][0]] = 1 }
		},
		"Mean": func() (func(*Set), func()) {
			mem, tab := arena()
			m := Mean{Mem: mem, Src: tab[0], Dst: make([]float32, 2), C: 2, N: 64}
			return func(s *Set) { s.Mean(&m) }, func() { raceSink = m.Dst[1] }
		},
		"Linear": func() (func(*Set), func()) {
			l := Linear{X: make([]float32, 9), W: make([]float32, 45), Y: make([]float32, 5), In: 9, Out: 5}
			return func(s *Set) { s.Linear(&l) }, func() { l.W[44] = 1 }
		},
		"Dots": func() (func(*Set), func()) {
			d := Dots{X: make([]float32, 9), W: make([]float32, 45), Bias: make([]float32, 5), Y: make([]float32, 5), In: 9, Out: 5}
			return func(s *Set) { s.Dots(&d) }, func() { d.X[8] = 1 }
		},
		"Phases": func() (func(*Set), func()) {
			mem, tab := arena()
			p := Phases{Mem: mem, Src: tab[0][:1], Dst: []int32{tab[1][0], -1, tab[1][1], tab[2][0]}, C: 1, H: 8, W: 8, PH: 4, PW: 4, SH: 2, SW: 2, Residues: allResidues(2, 2)}
			return func(s *Set) { s.Phases(&p) }, func() { raceSink = mem[tab[2][0]+15] }
		},
		"Add": func() (func(*Set), func()) {
			mem, tab := arena()
			a := Add{Mem: mem, A: tab[0], B: tab[1], C: tab[2], Ch: 2, N: 64}
			return func(s *Set) { s.Add(&a) }, func() { mem[tab[0][1]+63] = 1 }
		},
		"Affine": func() (func(*Set), func()) {
			mem, tab := arena()
			a := Affine{Mem: mem, Src: tab[0], Dst: tab[1], Scale: make([]float32, 2), C: 2, N: 64}
			return func(s *Set) { s.Affine(&a) }, func() { a.Scale[1] = 1 }
		},
		"Gather": func() (func(*Set), func()) {
			mem, tab := arena()
			g := Gather{Mem: mem, Src: tab[0], Out: make([]float32, 128), C: 2, N: 64, Pitch: 64}
			return func(s *Set) { s.Gather(&g) }, func() { g.Out[127] = 1 }
		},
		"WinogradInput": func() (func(*Set), func()) {
			mem, tab := arena()
			w := WinogradInput{Mem: mem, Src: tab[0], Dst: make([]float32, 16*2*23), C: 2, H: 8, W: 8, PadTop: 1, PadLeft: 1, M: 2, TW: 4, Rows: 4, Pitch: 23, Step: 46}
			w.Work = make([]float32, w.WorkLen())
			return func(s *Set) { s.WinogradInput(&w) }, func() { mem[tab[0][1]+63] = 1 }
		},
		"WinogradOutput": func() (func(*Set), func()) {
			mem, tab := arena()
			w := WinogradOutput{Mem: mem, Src: make([]float32, 16*2*23), Dst: tab[1], C: 2, OH: 8, OW: 8, M: 2, Rows: 4, Pitch: 23, Step: 46}
			w.Work = make([]float32, w.WorkLen())
			return func(s *Set) { s.WinogradOutput(&w) }, func() { raceSink = mem[tab[1][1]+63] }
		},
		"GatherBytes": func() (func(*Set), func()) {
			g := GatherBytes{Mem: make([]byte, 64), Src: []int32{32, 0}, Out: make([]byte, 40), C: 2, N: 20, Pitch: 20}
			return func(s *Set) { s.GatherBytes(&g) }, func() { g.Out[39] = 1 }
		},
	}
}

// TestRaceIsSeen: the race detector reports each of those races in the best
// set, whose accesses it cannot see by itself. Each runs in a process of its own, which
// fails.
func TestRaceIsSeen(t *testing.T) {
	if name := os.Getenv(envRacing); name != "" {
		all := racing()
		maps.Copy(all, racingQuantized())
		call, other := all[name]()
		var wg sync.WaitGroup
		wg.Go(func() { call(Sets()[0]) })
		wg.Go(other)
		wg.Wait()
		return
	}
	all := racing()
	maps.Copy(all, racingQuantized())
	for name := range all {
		t.Run(name, func(t *testing.T) {
			c := exec.Command(os.Args[0], "-test.run=^TestRaceIsSeen$")
			c.Env = append(os.Environ(), envRacing+"="+name)
			out, err := c.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "DATA RACE") {
				t.Errorf("got %v and %q, want a report of a race", err, out)
			}
		})
	}
}
