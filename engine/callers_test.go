package engine

import (
	"context"
	"errors"
	"image"
	"image/color"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

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
	if n := len(e.idle.kept); n > e.plan.Threads {
		t.Errorf("%d idle sessions are kept, want at most %d", n, e.plan.Threads)
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
		in := randomInput(e.plan.InLen, 1)
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
	runAll(t, e, make([]float32, e.plan.InLen))
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

// Close itself ends the helpers, while the model is still held.
func TestCloseEndsHelpers(t *testing.T) {
	before := goroutines(0)
	e, err := New(build(t, "shufflenetv2:0.5x@32"), WithThreads(4))
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	runAll(t, e, make([]float32, e.plan.InLen))
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
	if n := len(e.idle.kept); n != 3 {
		t.Errorf("%d idle sessions are kept, want 3", n)
	}
}
