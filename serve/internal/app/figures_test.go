package app

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/image/draw"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// TestFigures prints what the README says of load, in less than a minute. It asserts no
// speed: RIFFLE_FIGURES=1 go test -run Figures -v ./internal/app
func TestFigures(t *testing.T) {
	if os.Getenv("RIFFLE_FIGURES") == "" {
		t.Skip("RIFFLE_FIGURES is not set")
	}
	dir := t.TempDir()
	file := bench(t, dir)
	p := spawn(t, dir)
	cores := runtime.GOMAXPROCS(0)
	m, err := engine.Load(filepath.Join(dir, "net", "1", "model.rfl"), engine.WithThreads(1))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()

	// The same pictures in a bare loop and through the server, in turn.
	const rounds, each = 5, 1500 * time.Millisecond
	w := newWire(p.http, "net", file)
	pid := fmt.Sprint(p.Process.Pid)
	call := grpcPicture("net", file)
	stub := p.dial(t)
	more := spawn(t, dir, "-threads", fmt.Sprint(cores)) // which is idle but for a second in each round
	one, all := newWire(p.http, "net", file), newWire(more.http, "net", file)
	var oneThread, allThreads []time.Duration
	var bare, served, rpc side
	var client time.Duration
	for range rounds {
		own := cpu("self")
		bare.add(rate(each, cores, func() error {
			img, _, err := preprocess.DecodeBytes(file, preprocess.Options{})
			if err == nil {
				_, err = m.Classify(context.Background(), img, 5)
			}
			return err
		}), each, cpu("self")-own)
		own = cpu("self")
		its := cpu(pid)
		n := rate(each, 2*cores, func() error {
			code, err := w.ask()
			if err == nil && code != 200 {
				err = fmt.Errorf("status %d", code)
			}
			return err
		})
		served.add(n, each, cpu(pid)-its)
		client += cpu("self") - own
		its = cpu(pid)
		n = rate(each/2, 2*cores, func() error { _, err := stub.ModelInfer(t.Context(), call); return err })
		rpc.add(n, each/2, cpu(pid)-its)
		for range 4 {
			oneThread = append(oneThread, alone(t, one, each/12)...)
			allThreads = append(allThreads, alone(t, all, each/12)...)
		}
	}
	ratios := make([]float64, rounds)
	for i := range ratios {
		ratios[i] = 100 * served.rates[i] / bare.rates[i]
	}
	t.Logf("throughput: bare loop %.0f pictures/s (best %.0f), server %.0f (best %.0f); %.1f %% in the median of %d pairs", median(bare.rates), slices.Max(bare.rates),
		median(served.rates), slices.Max(served.rates), median(ratios), rounds)
	t.Logf("processor time a picture: bare loop %v, server %v (%.1f %% of it), the client that asks %v; over gRPC %v", bare.cost(), served.cost(),
		100*float64(served.cost())/float64(bare.cost()), time.Duration(float64(client)/served.n).Round(time.Microsecond), rpc.cost())
	slices.Sort(oneThread)
	slices.Sort(allThreads)
	t.Logf("one request at a time: median %v and p99 %v with -threads 1, %v and %v with -threads %d", at(oneThread, 0.5), at(oneThread, 0.99), at(allThreads, 0.5), at(allThreads, 0.99), cores)
	capacity := median(served.rates)
	w.open(t, "70 % of capacity", 0.7*capacity, capacity, 18*time.Second)
	before := p.memory()
	w.open(t, "twice the capacity", 2*capacity, capacity, 6*time.Second)
	between := p.memory()
	w.open(t, "twice the capacity", 2*capacity, capacity, 6*time.Second)
	t.Logf("resident memory: %d MiB after 70 %%, %d and %d MiB after two times of twice the capacity", before>>20, between>>20, p.memory()>>20)
}

// side is one of the two that are compared: its pictures a second, round by round, and
// the processor time of all, which busy neighbours change less than time.
type side struct {
	rates []float64
	n     float64
	used  time.Duration
}

func (s *side) add(rate float64, d, used time.Duration) {
	s.rates = append(s.rates, rate)
	s.n += rate * d.Seconds()
	s.used += used
}

// cost is the processor time of one picture.
func (s *side) cost() time.Duration {
	return time.Duration(float64(s.used) / s.n).Round(time.Microsecond)
}

func median(v []float64) float64 { return slices.Sorted(slices.Values(v))[len(v)/2] }

// bench writes ShuffleNet V2 1.0x at 224 x 224, and returns a photo of 500 x 375 as JPEG.
func bench(t testing.TB, dir string) []byte {
	m, err := zoo.Build(zoo.Arch{Family: "shufflenetv2"})
	if err != nil {
		t.Fatal(err)
	}
	m.Preprocess = &weights.Preprocess{Resize: 256, Crop: [2]int{224, 224}, Filter: "bilinear", Order: "rgb",
		Mean: []float64{0.485, 0.456, 0.406}, Std: []float64{0.229, 0.224, 0.225}}
	os.MkdirAll(filepath.Join(dir, "net", "1"), 0o755)
	if err := weights.WriteFile(filepath.Join(dir, "net", "1", "model.rfl"), m); err != nil {
		t.Fatal(err)
	}
	small, _, err := image.Decode(bytes.NewReader(picture(t, "cat")))
	if err != nil {
		t.Fatal(err)
	}
	large := image.NewRGBA(image.Rect(0, 0, 500, 375))
	draw.BiLinear.Scale(large, large.Rect, small, small.Bounds(), draw.Src, nil)
	var b bytes.Buffer
	jpeg.Encode(&b, large, &jpeg.Options{Quality: 90})
	return b.Bytes()
}

// rate calls f from so many goroutines for a while, and returns calls per second.
func rate(d time.Duration, goroutines int, f func() error) float64 {
	var n atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for range goroutines {
		all.Go(func() {
			for time.Since(start) < d {
				if err := f(); err != nil {
					panic(err)
				}
				n.Add(1)
			}
		})
	}
	all.Wait()
	return float64(n.Load()) / time.Since(start).Seconds()
}

// alone asks again and again, one request at a time, and returns how long each took.
func alone(t testing.TB, w *wire, d time.Duration) (took []time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		start := time.Now()
		if code, err := w.ask(); err != nil || code != 200 {
			t.Fatalf("status %d, %v", code, err)
		}
		took = append(took, time.Since(start))
	}
	return took
}

// open sends requests at random moments, so many a second, whether or not the ones before
// were answered, and prints what came of them, and what would have come of the same
// moments in an ideal queue. A request that is sent late counts from when it was due.
func (w *wire) open(t testing.TB, name string, perSecond, capacity float64, d time.Duration) {
	var mu sync.Mutex
	var took, late, due []time.Duration
	status := map[int]int{}
	var all sync.WaitGroup
	start := time.Now()
	next := start
	for end := next.Add(d); next.Before(end); next = next.Add(time.Duration(rand.ExpFloat64() / perSecond * 1e9)) {
		time.Sleep(time.Until(next))
		came := next
		due = append(due, came.Sub(start))
		all.Go(func() {
			lag := time.Since(came)
			code, err := w.ask()
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			status[code]++
			late = append(late, lag)
			if code == 200 {
				took = append(took, time.Since(came))
			}
		})
	}
	all.Wait()
	slices.Sort(took)
	slices.Sort(late)
	t.Logf("%s (%.0f/s): status %v; answered: median %v, p99 %v (%.1f times), most %v; sent late: p99 %v", name, perSecond, status,
		at(took, 0.5), at(took, 0.99), float64(at(took, 0.99))/float64(at(took, 0.5)), at(took, 1), at(late, 0.99))
	if perSecond < capacity { // otherwise an ideal queue grows without end
		cores := runtime.GOMAXPROCS(0)
		least := ideal(due, time.Duration(float64(cores)/capacity*1e9), cores)
		t.Logf("%s: an ideal queue at the same moments: median %v, p99 %v (%.1f times), most %v", name,
			at(least, 0.5), at(least, 0.99), float64(at(least, 0.99))/float64(at(least, 0.5)), at(least, 1))
	}
}

// memory is what the process has resident, in bytes.
func (p *process) memory() int64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	var kib int64
	for line := range strings.Lines(string(b)) {
		fmt.Sscanf(line, "VmRSS: %d kB", &kib)
	}
	return kib << 10
}

// cpu is how much processor time a process has had, to 10 ms.
func cpu(pid string) time.Duration {
	b, _ := os.ReadFile("/proc/" + pid + "/stat")
	_, after, _ := strings.Cut(string(b), ") ") // behind the name
	f := strings.Fields(after)
	if len(f) < 13 {
		return 0
	}
	var user, system int64
	fmt.Sscan(f[11], &user)
	fmt.Sscan(f[12], &system)
	return time.Duration(user+system) * 10 * time.Millisecond
}
