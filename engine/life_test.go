package engine

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// hooked calls a session's hook before each step that it runs.
type hooked struct {
	plan.Runner
	at    int
	hooks *sync.Map // *plan.Memory -> func(step int)
}

func (h hooked) Run(w *plan.Worker, s plan.Share) {
	if f, ok := h.hooks.Load(w.Memory); ok && s.Index == 0 {
		f.(func(int))(h.at)
	}
	h.Runner.Run(w, s)
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
		in[i] = randomInput(2*e.plan.InLen, uint64(i))
		want[i] = runAll(t, e, in[i])
	}
	hooks := &sync.Map{}
	steps := len(e.plan.Steps)
	for i := range e.plan.Steps {
		st := &e.plan.Steps[i]
		st.Runner = hooked{st.Runner, i, hooks}
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
			out := make([]float32, 2*e.plan.OutLen)
			for range runs {
				k := rng.IntN(inputs)
				s := pool.Get().(*Session)
				ctx, cancel := context.WithCancel(context.Background())
				if rng.IntN(2) == 0 {
					at := rng.IntN(steps)
					hooks.Store(s.run.Memory, func(step int) {
						if step == at {
							cancel()
						}
					})
				}
				err := s.Run(ctx, out, in[k])
				hooks.Delete(s.run.Memory)
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
		runAll(t, m, make([]float32, m.plan.InLen))
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
	in := randomInput(m.plan.InLen, 1)
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
