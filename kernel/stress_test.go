package kernel

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// everyKernel calls every kernel and returns what they wrote.
//
//go:noinline
func everyKernel(s *Set, seed uint64) (sum float32) {
	var mem [4 * 64]float32
	var weights [40]float32
	var out [16]float32
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := range mem {
		mem[i] = rng.Float32()
	}
	for i := range weights {
		weights[i] = rng.Float32() - 0.5
	}
	a, b, c := [2]int32{16, 48}, [2]int32{80, 112}, [2]int32{144, 176}
	s.GEMM(&GEMM{Mem: mem[:], A: weights[:4], Tile: s.Tiles[0], B: a[:], C: b[:], M: 2, K: 2, N: 16, Epilogue: Epilogue{Bias: weights[4:6], R: c[:]}})
	s.Add(&Add{Mem: mem[:], A: a[:], B: b[:], C: c[:], Ch: 2, N: 13, Epilogue: Epilogue{Act: relu6}})
	s.Affine(&Affine{Mem: mem[:], Src: c[:], Dst: a[:], Scale: weights[:2], Shift: weights[2:4], C: 2, N: 15})
	d := Depthwise{Mem: mem[:], Src: a[:], Dst: c[:], W: weights[:20], C: 2, H: 4, Wid: 4, OH: 4, OW: 4, KH: 3, KW: 3, SH: 1, SW: 1, PadTop: 1, PadLeft: 1}
	d.Masks = s.DepthwiseMasks(&d)
	s.Depthwise(&d)
	p := Pool{Mem: mem[:], Src: c[:], Dst: b[:], C: 2, H: 4, W: 4, OH: 2, OW: 2, KH: 2, KW: 2, SH: 2, SW: 2}
	p.Masks = s.PoolMasks(&p)
	s.MaxPool(&p)
	s.Mean(&Mean{Mem: mem[:], Src: c[:], Dst: out[:2], C: 2, N: 16})
	s.Linear(&Linear{X: mem[16:25], W: weights[:36], Y: out[2:6], In: 9, Out: 4, Epilogue: Epilogue{Bias: weights[36:]}})
	s.Dots(&Dots{X: mem[16:25], W: weights[:36], Bias: weights[36:], Y: out[6:10], In: 9, Out: 4})
	s.Phases(&Phases{Mem: mem[:], Src: a[:1], Dst: []int32{b[0], c[0], -1, c[1]}, C: 1, H: 4, W: 4, PH: 2, PW: 2, SH: 2, SW: 2, Residues: allResidues(2, 2)})
	wi := WinogradInput{Mem: mem[:], Src: a[:], C: 2, H: 4, W: 4, PadTop: 1, PadLeft: 1, M: 2, TW: 2, Rows: 2, Pitch: 11, Step: 22}
	wi.Dst, wi.Work = make([]float32, 16*2*11), make([]float32, wi.WorkLen())
	s.WinogradInput(&wi)
	wo := WinogradOutput{Mem: mem[:], Src: wi.Dst, Dst: b[:], C: 2, OH: 4, OW: 4, M: 2, Rows: 2, Pitch: 11, Step: 22, Epilogue: Epilogue{R: c[:]}}
	wo.Work = make([]float32, wo.WorkLen())
	s.WinogradOutput(&wo)
	var flat [8]float32
	s.Gather(&Gather{Mem: mem[:], Src: b[:], Out: flat[:], C: 2, N: 4, Pitch: 4})
	bytes := [12]byte{1, 2, 3, 4, 5, 6, byte(seed)}
	s.GatherBytes(&GatherBytes{Mem: bytes[:8], Src: []int32{3, 0}, Out: bytes[8:], C: 2, N: 2, Pitch: 2})
	sum = float32(bytes[8]) + 2*float32(bytes[11])
	for _, v := range [][]float32{mem[:208], mem[208:224], out[:], flat[:]} {
		for i, x := range v {
			if x == x {
				sum += x * float32(i+1)
			}
		}
	}
	return sum + everyQuantizedKernel(s, seed)
}

// deep calls f below depth frames of some hundred bytes.
//
//go:noinline
func deep(depth int, f func()) byte {
	var frame [100]byte
	if frame[depth%100] = byte(depth); depth == 0 {
		f()
	} else {
		frame[0] += deep(depth-1, f)
	}
	return frame[depth%100]
}

// onStack has, by set, a function that calls its units with everything that they
// are given on its stack.
var onStack = map[string]func(seed uint64) float32{}

// storm runs collections, stops of the world and stack scans until end is closed.
func storm(end <-chan struct{}) {
	buf := make([]byte, 1<<16)
	for {
		select {
		case <-end:
			return
		default:
			runtime.GC()
			runtime.Stack(buf, true)
			runtime.Gosched()
		}
	}
}

// TestStacksAndPreemption runs kernels on new stacks, at every depth at which such a
// stack grows, with everything that they are given on it where that can be, while the collector
// runs, the world stops and threads are preempted: always the same numbers.
func TestStacksAndPreemption(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	forEachSet(t, func(t *testing.T, s *Set) {
		const seeds = 4
		var want [seeds]float32
		run := func(i int) float32 { return everyKernel(s, uint64(i)) }
		if f := onStack[s.Name]; f != nil {
			run = func(i int) float32 { return f(uint64(i)) }
			if n := testing.AllocsPerRun(10, func() { f(1) }); n != 0 && !raceDetector {
				t.Errorf("%v allocations, wanted everything on the stack", n)
			}
		}
		for i := range want {
			want[i] = run(i)
		}
		end := make(chan struct{})
		var storms, calls sync.WaitGroup
		storms.Go(func() { storm(end) })
		// One that is inside assembly as often as can be, to be preempted there.
		storms.Go(func() {
			g := newBenchGEMM(gemmShape{116, 116, 196}, s.Tiles[0])
			set := *g
			s.GEMM(&set)
			once := slices.Clone(g.Mem)
			for {
				select {
				case <-end:
					return
				default:
					if s.GEMM(g); !slices.Equal(g.Mem, once) {
						t.Error("a GEMM gave other numbers")
						return
					}
				}
			}
		})
		depths := 400 // 2 KiB, the first size of a stack, to 64 KiB
		if testing.Short() || raceDetector {
			depths = 60
		}
		var bad atomic.Int64
		for depth := range depths {
			for i := range want {
				calls.Go(func() {
					deep(depth, func() {
						if run(i) != want[i] {
							bad.Add(1)
						}
					})
				})
			}
			if depth%8 == 7 {
				calls.Wait()
			}
		}
		calls.Wait()
		close(end)
		storms.Wait()
		if n := bad.Load(); n != 0 {
			t.Errorf("%d of %d calls gave other numbers", n, depths*seeds)
		}
	})
}

// TestRuntimeModes repeats that test with a runtime that collects, preempts and
// moves stacks otherwise.
func TestRuntimeModes(t *testing.T) {
	if testing.Short() || os.Getenv("RIFFLE_TEST_MODE") != "" {
		t.Skip("short, or in one of the modes already")
	}
	if _, err := os.Stat(os.Args[0]); err != nil {
		t.Skipf("the test's own program is not to be had: %v", err)
	}
	for _, mode := range []string{"gcstoptheworld=1", "asyncpreemptoff=1", "gcshrinkstackoff=1", "gccheckmark=1", "clobberfree=1", "efence=1"} {
		t.Run(mode, func(t *testing.T) {
			c := exec.Command(os.Args[0], "-test.short", "-test.run=^(TestStacksAndPreemption|TestGEMMUnderGC)$")
			c.Env = append(os.Environ(), "GODEBUG="+mode, "RIFFLE_TEST_MODE="+mode)
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
