package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// hooked calls a session's hook before each step that it runs.
type hooked struct {
	runner
	at    int
	hooks *sync.Map // *Session -> func(step int)
}

func (h hooked) run(s *Session, w *worker, part int) {
	if f, ok := h.hooks.Load(s); ok && part == 0 {
		f.(func(int))(h.at)
	}
	h.runner.run(s, w, part)
}

// openFiles counts the program's file descriptors, or returns 0 where it cannot.
func openFiles() int {
	list, _ := os.ReadDir("/proc/self/fd")
	return len(list)
}

// heap is what is reachable, in bytes.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what cleanups and pools held
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// heapBy is heap once it is at most limit, or what it still is seconds later:
// cleanups run in the background, some time after the collection.
func heapBy(limit int64) int64 {
	for range 100 {
		if h := heap(); h <= limit {
			return h
		}
		time.Sleep(50 * time.Millisecond)
	}
	return heap()
}

// manyGoroutines lets n goroutines live at once and end: the runtime keeps
// their descriptors, which are not a leak of the engine.
func manyGoroutines(n int) {
	var all sync.WaitGroup
	end := make(chan struct{})
	for range n {
		all.Go(func() { <-end })
	}
	close(end)
	all.Wait()
}

// resident is the program's memory in bytes, after the heap's idle part was
// given back; 0 where it cannot be read.
func resident() int64 {
	debug.FreeOSMemory()
	b, _ := os.ReadFile("/proc/self/statm")
	f := bytes.Fields(b)
	if len(f) < 2 {
		return 0
	}
	n := int64(0)
	for _, c := range f[1] {
		n = 10*n + int64(c-'0')
	}
	return n * int64(os.Getpagesize())
}

// tinyDynamic is tiny with a dynamic shuffle for its fixed one, and sizes that
// are shared out between threads.
func tinyDynamic() *weights.Model {
	m := tiny()
	m.Preprocess, m.Labels = nil, nil
	m.Graph.Inputs[0].Shape = []int{3, 96, 96}
	m.Graph.Nodes[1] = weights.Node{
		Name: "mix", Op: weights.OpDynamicShuffle, Inputs: []string{"c"}, Outputs: []string{"s"},
		Attrs:   map[string][]int{"groups": {2}, "factors": {2, 1}, "pairs": {1}},
		Tensors: map[string]string{"w1": "w1", "b1": "b1", "w2": "w2", "b2": "b2"},
	}
	rng := rand.New(rand.NewPCG(8, 9))
	for _, v := range []weights.Value{{Name: "w1", Shape: []int{8, 4}}, {Name: "b1", Shape: []int{8}}, {Name: "w2", Shape: []int{5, 8}}, {Name: "b2", Shape: []int{5}}} {
		t := weights.Tensor{Name: v.Name, Shape: v.Shape, Data: make([]float32, shape2(v.Shape))}
		for i := range t.Data {
			t.Data[i] = float32(rng.NormFloat64())
		}
		m.Tensors = append(m.Tensors, t)
	}
	m.Sort()
	return m
}

// One model in a thousand goroutines, sessions from a pool, many runs cancelled
// at a random layer: each that finishes has the bits that it has alone, and
// afterwards nothing is left.
func TestThousandGoroutines(t *testing.T) {
	const goroutinesWanted = 1000
	before, files := runtime.NumGoroutine(), openFiles()
	m, runs := tinyDynamic(), 2
	if !testing.Short() {
		m, runs = build(t, "shufflenetv2:0.5x@32,shuffle=dynamic"), 4
	}
	manyGoroutines(goroutinesWanted)
	clean := heap()
	e, err := New(m, WithThreads(4))
	if err != nil {
		t.Fatal(err)
	}
	const inputs = 8
	var in, want [inputs][]float32
	for i := range in {
		in[i] = randomInput(2*e.plan.inLen, uint64(i))
		want[i] = runAll(t, e, in[i])
	}
	hooks := &sync.Map{}
	steps := len(e.plan.steps)
	for i := range e.plan.steps {
		st := &e.plan.steps[i]
		st.run, st.one = hooked{st.run, i, hooks}, hooked{st.one, i, hooks}
	}
	pool := sync.Pool{New: func() any {
		s, err := e.NewSession()
		if err != nil {
			t.Error(err)
		}
		return s
	}}
	var finished, cancelled atomic.Int64
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for id := range goroutinesWanted {
		wg.Go(func() {
			<-begin
			rng := rand.New(rand.NewPCG(uint64(id), 3))
			out := make([]float32, 2*e.plan.outLen)
			for range runs {
				k := rng.IntN(inputs)
				s := pool.Get().(*Session)
				ctx, cancel := context.WithCancel(context.Background())
				if rng.IntN(2) == 0 {
					at := rng.IntN(steps)
					hooks.Store(s, func(step int) {
						if step == at {
							cancel()
						}
					})
				}
				err := s.Run(ctx, out, in[k])
				hooks.Delete(s)
				cancel()
				pool.Put(s)
				switch {
				case err == nil && slices.Equal(out, want[k]):
					finished.Add(1)
				case errors.Is(err, context.Canceled):
					cancelled.Add(1)
				default:
					t.Errorf("goroutine %d: %v, or other bits than alone", id, err)
					return
				}
			}
		})
	}
	at := runtime.NumGoroutine()
	close(begin)
	wg.Wait()
	if f, c := finished.Load(), cancelled.Load(); f < goroutinesWanted/2 || c < goroutinesWanted/4 {
		t.Errorf("%d runs finished and %d were cancelled, want many of both", f, c)
	}
	t.Logf("%d runs finished, %d cancelled, %d goroutines", finished.Load(), cancelled.Load(), at)
	e.Close()
	pool.New, hooks, e = nil, nil, nil
	pool = sync.Pool{}
	for i := range in {
		in[i], want[i] = nil, nil
	}
	if n := goroutines(before); n > before {
		t.Errorf("%d goroutines are left, %d were before", n, before)
	}
	if n := openFiles(); n > files {
		t.Errorf("%d files are open, %d were before", n, files)
	}
	if grown := heapBy(clean+1<<20) - clean; grown > 1<<20 {
		t.Errorf("%d bytes of memory are left", grown)
	}
	runtime.KeepAlive(m)
}

// Loading, using and closing a model again and again, by Close or by dropping
// it, costs no memory, goroutines or files.
func TestReloads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.rfl")
	m, reloads := tinyDynamic(), 60
	if !testing.Short() {
		m, reloads = build(t, "shufflenetv2:0.5x@32"), 1000
	}
	if err := weights.WriteFile(path, m); err != nil {
		t.Fatal(err)
	}
	once := func(end bool) {
		m, err := Load(path, WithThreads(3))
		if err != nil {
			t.Fatal(err)
		}
		runAll(t, m, make([]float32, m.plan.inLen))
		if end {
			m.Close()
		}
	}
	for range 20 { // what the runtime keeps for itself
		once(true)
	}
	before, files, used, rss := goroutines(0), openFiles(), heap(), resident()
	for i := range reloads {
		once(i%4 != 0)
	}
	if n := goroutines(before); n > before {
		t.Errorf("%d goroutines, %d before", n, before)
	}
	if n := openFiles(); n > files {
		t.Errorf("%d files are open, %d were before", n, files)
	}
	grown, rssGrown := heapBy(used+1<<20)-used, resident()-rss
	if grown > 1<<20 {
		t.Errorf("%d bytes more in the heap after %d reloads", grown, reloads)
	}
	if rssGrown > 32<<20 {
		t.Errorf("the program has grown by %d MiB after %d reloads", rssGrown>>20, reloads)
	}
	t.Logf("%d reloads: heap %d -> %d KiB, resident %d -> %d KiB", reloads, used>>10, (used+grown)>>10, rss>>10, (rss+rssGrown)>>10)
}

// A model's file may be cut, overwritten and removed while the model is in use.
func TestFileChangesWhileInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.rfl")
	if err := weights.WriteFile(path, tiny()); err != nil {
		t.Fatal(err)
	}
	m, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	in := randomInput(m.plan.inLen, 1)
	want := runAll(t, m, in)
	size := int64(1)
	if st, err := os.Stat(path); err == nil {
		size = st.Size()
	}
	for name, change := range map[string]func() error{
		"cut":         func() error { return os.Truncate(path, size/2) },
		"emptied":     func() error { return os.Truncate(path, 0) },
		"overwritten": func() error { return os.WriteFile(path, bytes.Repeat([]byte{0xff}, int(size)), 0o644) },
		"removed":     func() error { return os.Remove(path) },
	} {
		if err := change(); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		runtime.GC()
		if got := runAll(t, m, in); !slices.Equal(got, want) {
			t.Errorf("%s: other bits", name)
		}
	}
	if _, err := Load(path); err == nil {
		t.Error("a file that is not there was loaded")
	}
}

// explosive is a picture that panics, or ends its goroutine, at a pixel.
type explosive struct {
	image.Image
	at   image.Point
	exit bool
}

func (e explosive) At(x, y int) color.Color {
	if x == e.at.X && y == e.at.Y {
		if e.exit {
			runtime.Goexit()
		}
		panic("broken picture")
	}
	return e.Image.At(x, y)
}

// A picture that panics reaches its caller and nobody else: the pool goes on, with
// the same answers.
func TestPanicInPicture(t *testing.T) {
	e := mustNew(t, tiny(), WithThreads(2))
	img := image.NewNRGBA(image.Rect(0, 0, 20, 10))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * i)
	}
	want, err := e.Classify(context.Background(), img, 2)
	if err != nil {
		t.Fatal(err)
	}
	var panics, answers atomic.Int64
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					panics.Add(1)
				}
			}()
			picture := image.Image(img)
			if i%2 == 0 {
				picture = explosive{img, image.Pt(i%20, i%10), i%4 == 0}
			}
			top, err := e.Classify(context.Background(), picture, 2)
			if err != nil || !slices.Equal(top, want) {
				t.Errorf("picture %d: got %v, %v, want %v", i, top, err, want)
			}
			answers.Add(1)
		})
	}
	wg.Wait()
	if panics.Load() != 50 || answers.Load() != 100 {
		t.Errorf("%d panics and %d answers, want 50 and 100", panics.Load(), answers.Load())
	}
	for range 10 {
		if top, err := e.Classify(context.Background(), img, 2); err != nil || !slices.Equal(top, want) {
			t.Errorf("afterwards: got %v, %v, want %v", top, err, want)
		}
	}
	if n := len(e.free); n > e.plan.threads {
		t.Errorf("%d idle sessions are kept, want at most %d", n, e.plan.threads)
	}
}

// Close while others run: each run ends well or is ErrClosed, none hangs.
func TestCloseWhileRunning(t *testing.T) {
	m, times := tinyDynamic(), 3
	if !testing.Short() {
		m, times = build(t, "shufflenetv2:0.5x@32"), 10
	}
	for range times {
		e, err := New(m, WithThreads(3))
		if err != nil {
			t.Fatal(err)
		}
		in := randomInput(e.plan.inLen, 1)
		want := runAll(t, e, in)
		var wg sync.WaitGroup
		for range 20 {
			s, err := e.NewSession()
			if err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				out := make([]float32, len(want))
				for {
					err := s.Run(context.Background(), out, in)
					if errors.Is(err, ErrClosed) {
						return
					}
					if err != nil || !slices.Equal(out, want) {
						t.Errorf("got %v, or other bits", err)
						return
					}
				}
			})
		}
		time.Sleep(2 * time.Millisecond)
		for range 3 {
			wg.Go(func() { e.Close() })
		}
		wg.Wait()
	}
}

// The default number of threads is GOMAXPROCS when the model is loaded, and a
// run never uses more than GOMAXPROCS is then. The runtime sets that from a
// container's quota, unless a build says otherwise.
func TestThreadsFollowGOMAXPROCS(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	m := build(t, "shufflenetv2:0.5x@32")
	for _, n := range []int{1, 2, 3} {
		runtime.GOMAXPROCS(n)
		if got := mustNew(t, m).Info().Threads; got != n {
			t.Errorf("GOMAXPROCS %d: %d threads", n, got)
		}
	}
	runtime.GOMAXPROCS(1)
	before := runtime.NumGoroutine()
	e := mustNew(t, m, WithThreads(4))
	runAll(t, e, make([]float32, e.plan.inLen))
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("GOMAXPROCS 1: %d helpers were started", n-before)
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "DefaultGODEBUG" && (strings.Contains(s.Value, "containermaxprocs=0") || strings.Contains(s.Value, "updatemaxprocs=0")) {
				t.Errorf("this build does not follow a container's quota: %s", s.Value)
			}
		}
	}
}

// Same build, same instruction set: the same bits, for any number of threads, any
// place in a batch, and however often.
func TestSameBitsTenThousandTimes(t *testing.T) {
	runs := 10_000
	if testing.Short() {
		runs = 300
	}
	var models []*weights.Model
	models = append(models, tiny())
	for seed := range uint64(3) { // graphs of all kinds
		models = append(models, growGraph(seed))
	}
	models = append(models, tinyDynamic())
	if !testing.Short() {
		models = append(models, build(t, "shufflenetv2:0.5x@32,shuffle=dynamic"))
	}
	for k, m := range models {
		n := runs
		if k > 4 {
			n /= 25 // a real network, of many steps
		}
		forEachSet(t, func(t *testing.T, isa string) {
			n := n
			if isa == "generic" && k > 0 {
				n /= 10 // the first model has them all
			}
			const batch = 3
			threads := []int{1, 2, 5}
			var sessions []*Session
			for _, th := range threads {
				s, err := mustNew(t, m, WithISA(isa), WithThreads(th)).NewSession()
				if err != nil {
					t.Fatal(err)
				}
				sessions = append(sessions, s)
			}
			p := sessions[0].plan
			in := randomInput(p.inLen, 5)
			want := runAll(t, sessions[0].model, in)
			rng := rand.New(rand.NewPCG(1, uint64(k)))
			src, dst := make([]float32, batch*p.inLen), make([]float32, batch*p.outLen)
			for i := range n / len(threads) {
				for j, s := range sessions {
					size, place := 1+rng.IntN(batch), 0
					for at := range size * p.inLen {
						src[at] = rng.Float32()
					}
					place = rng.IntN(size)
					copy(src[place*p.inLen:], in)
					if err := s.Run(context.Background(), dst[:size*p.outLen], src[:size*p.inLen]); err != nil {
						t.Fatal(err)
					}
					if got := dst[place*p.outLen:][:p.outLen]; !sameBits(got, want) {
						t.Fatalf("model %d, run %d, %d threads, place %d of %d: other bits", k, i, threads[j], place, size)
					}
				}
			}
		})
	}
}

func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return x == y || x != x && y != y })
}

// BenchmarkCallers is Classify of 48 x 36 pictures from so many goroutines at
// once, on one model whose runs take one thread each. Its metric is pictures a second.
func BenchmarkCallers(b *testing.B) {
	m := build(b, "shufflenetv2:0.5x@32")
	m.Preprocess = &weights.Preprocess{Resize: 36, Crop: [2]int{32, 32}, Filter: "bilinear", Order: "rgb", Mean: []float64{0, 0, 0}, Std: []float64{1, 1, 1}}
	img := image.NewNRGBA(image.Rect(0, 0, 48, 36))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * i)
	}
	for _, callers := range []int{1, runtime.GOMAXPROCS(0), 1000} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			e := mustNew(b, m, WithThreads(1))
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			b.ResetTimer()
			for range callers {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := e.Classify(context.Background(), img, 1); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
		})
	}
}

// Close itself ends the helpers, while the model is still held.
func TestCloseEndsHelpers(t *testing.T) {
	before := goroutines(0)
	e, err := New(build(t, "shufflenetv2:0.5x@32"), WithThreads(4))
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	runAll(t, e, make([]float32, e.plan.inLen))
	if runtime.NumGoroutine() == before {
		t.Fatal("no helper was started: the test shows nothing")
	}
	e.Close()
	if n := goroutines(before); n > before {
		t.Errorf("%d goroutines after Close, %d before", n, before)
	}
	runtime.KeepAlive(e)
}

// held is a picture that waits, at its first pixel, until all of its kind are there.
type held struct {
	image.Image
	once *sync.Once
	all  *sync.WaitGroup
}

func (h held) At(x, y int) color.Color {
	h.once.Do(func() { h.all.Done(); h.all.Wait() })
	return h.Image.At(x, y)
}

// A burst of callers gets a session each; afterwards no more are kept than
// there are threads.
func TestBurstIsGivenBack(t *testing.T) {
	const burst = 20
	e := mustNew(t, tiny(), WithThreads(3))
	img := image.NewGray(image.Rect(0, 0, 20, 10))
	var all, wg sync.WaitGroup
	all.Add(burst)
	for range burst {
		wg.Go(func() {
			if _, err := e.Classify(context.Background(), held{img, new(sync.Once), &all}, 1); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(e.free); n != 3 {
		t.Errorf("%d idle sessions are kept, want 3", n)
	}
}

// Buffers that live at the same time lie apart, each on a cache line's boundary, all
// inside the arena with slack at both ends.
func TestLayout(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	for range 300 {
		bufs := make([]buffer, 1+rng.IntN(60))
		for i := range bufs {
			n := 1 + rng.IntN(200)
			bufs[i] = buffer{planes: 1 + rng.IntN(30), pixels: n, pitch: kernel.Pitch(n, 4), first: rng.IntN(20)}
			if rng.IntN(4) == 0 {
				bufs[i].pixels, bufs[i].pitch = 1, 1
			}
			bufs[i].last = bufs[i].first + rng.IntN(6)
		}
		end := layout(bufs)
		for i := range bufs {
			a := &bufs[i]
			if a.off%16 != 0 || a.off < kernel.Slack || a.off+a.len()+kernel.Slack > end {
				t.Fatalf("buffer %+v of an arena of %d", *a, end)
			}
			for k := range i {
				if b := &bufs[k]; a.first <= b.last && b.first <= a.last && a.off < b.off+b.len() && b.off < a.off+a.len() {
					t.Fatalf("buffers %+v and %+v overlap", *a, *b)
				}
			}
		}
	}
}

// A convolution's rows of pixels spill into the next row where they are no
// multiple of a vector: they may not be shared out between threads.
func TestRowsThatSpill(t *testing.T) {
	for _, side := range []int{33, 35, 40, 61} {
		m := one(weights.OpConv, []int{3, side, side}, 1, attrMap{"kernel": {3, 3}, "pad": {1, 1, 1, 1}}, tensorMap{"weight": {5, 3, 3, 3}})
		rng := rand.New(rand.NewPCG(3, 4))
		for i := range m.Tensors[0].Data {
			m.Tensors[0].Data[i] = float32(rng.NormFloat64())
		}
		forEachSet(t, func(t *testing.T, isa string) {
			single := mustNew(t, m, WithISA(isa), WithThreads(1))
			in := randomInput(single.plan.inLen, 1)
			want := runAll(t, single, in)
			e := mustNew(t, m, WithISA(isa), WithThreads(2))
			s, err := e.NewSession()
			if err != nil {
				t.Fatal(err)
			}
			out := make([]float32, len(want))
			for i := range 30 {
				// The parts one after another, the first one last: what it spills stays.
				if i == 0 {
					s.src, s.dst = in, out
					for k := range e.plan.steps {
						st := &e.plan.steps[k]
						for part := st.parts - 1; part >= 0; part-- {
							st.run.run(s, &s.workers[0], part)
						}
					}
				} else if err := s.Run(context.Background(), out, in); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(out, want) {
					t.Fatalf("%d x %d pixels, run %d: two threads give other bits than one", side, side, i)
				}
			}
		})
	}
}
