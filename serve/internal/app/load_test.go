package app

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// More requests than the queue has room for: some are answered, the others are told at
// once to come back, and all of that is counted.
func TestShedding(t *testing.T) {
	r := start(t, "-slots", "1", "-queue", "2")
	many := manyPictures(t, 40)
	var all sync.WaitGroup
	var ok, busy atomic.Int64
	for range 16 {
		all.Go(func() {
			for range 5 {
				switch a := r.post("cifar10-sds", many); a.code {
				case 200:
					ok.Add(1)
				case 429:
					busy.Add(1)
					if n, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || n < 1 || n > 60 {
						t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
					}
				default:
					t.Errorf("%d %s", a.code, a.body)
				}
			}
		})
	}
	all.Wait()
	if ok.Load() == 0 || busy.Load() == 0 || ok.Load()+busy.Load() != 80 {
		t.Errorf("%d answered and %d shed, want some of both", ok.Load(), busy.Load())
	}
	metrics := string(r.send("GET", "/metrics", nil).body)
	for _, line := range []string{
		fmt.Sprintf(`riffle_shed_total{model="cifar10-sds",reason="queue"} %d`, busy.Load()),
		fmt.Sprintf(`riffle_requests_total{code="200",model="cifar10-sds",protocol="http"} %d`, ok.Load()),
		fmt.Sprintf(`riffle_requests_total{code="429",model="cifar10-sds",protocol="http"} %d`, busy.Load()),
		fmt.Sprintf(`riffle_stage_seconds_count{model="cifar10-sds",stage="run"} %d`, 40*ok.Load()),
		fmt.Sprintf(`riffle_batch_samples_sum{model="cifar10-sds"} %d`, 40*(ok.Load()+int64(refusedLate(metrics)))),
		`riffle_queue_length{model="cifar10-sds"} 0`, `riffle_queue_capacity 2`, `riffle_panics_total 0`,
	} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("metrics lack %s", line)
		}
	}
}

// refusedLate is how many requests were refused after their body had been read: those are
// counted among the batches.
func refusedLate(metrics string) (n int) {
	var batches, answered int
	for line := range strings.Lines(metrics) {
		fmt.Sscanf(line, `riffle_batch_samples_count{model="cifar10-sds"} %d`, &batches)
		fmt.Sscanf(line, `riffle_requests_total{code="200",model="cifar10-sds",protocol="http"} %d`, &answered)
	}
	return batches - answered
}

// manyPictures is a request of n tensors of zeros.
func manyPictures(t testing.TB, n int) []byte {
	return fmt.Appendf(nil, `{"outputs":[{"name":"classes"}],"inputs":[{"name":"input","datatype":"FP32","shape":[%d,3,32,32],"data":[%s0]}]}`,
		n, strings.Repeat("0,", n*3*32*32-1))
}

// A request ends at its own deadline, wherever it is.
func TestDeadline(t *testing.T) {
	r := start(t, "-slots", "1")
	body := strings.Replace(string(manyPictures(t, 200)), "{", `{"parameters":{"timeout":3000},`, 1)
	r.post("cifar10-sds", []byte(body)).fails(t, "three milliseconds for 200 pictures", 504, "deadline")
	if !strings.Contains(string(r.send("GET", "/metrics", nil).body), `riffle_shed_total{model="cifar10-sds",reason="deadline"} 1`) {
		t.Error("it is not counted")
	}
}

// 200 swaps of a model while it is asked: no request fails, and both networks answer.
func TestSwapsUnderLoad(t *testing.T) {
	swaps := 200
	if testing.Short() {
		swaps = 20
	}
	r := start(t)
	r.put("m", "1", "cifar10")
	within(t, "loading", func() bool { return r.send("GET", "/v2/models/m/ready", nil).code == 200 })
	ship := picture(t, "ship")
	stop := make(chan struct{})
	var all sync.WaitGroup
	var answered atomic.Int64
	versions := sync.Map{}
	for range 4 {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				a := r.post("m", ship, "Content-Type", "image/png")
				if a.code != 200 || !strings.Contains(string(a.body), `"data":["ship"`) {
					t.Errorf("%d %s", a.code, a.body)
					return
				}
				_, after, _ := strings.Cut(string(a.body), `"model_version":"`)
				version, _, _ := strings.Cut(after, `"`)
				versions.Store(version, true)
				answered.Add(1)
			}
		})
	}
	for v := 2; v <= swaps+1; v++ {
		r.put("m", strconv.Itoa(v), []string{"cifar10", "cifar10-sds"}[v%2])
		if a := r.send("POST", "/v2/repository/models/m/load", nil); a.code != 200 {
			t.Fatalf("loading version %d: %d %s", v, a.code, a.body)
		}
	}
	close(stop)
	all.Wait()
	seen := 0
	versions.Range(func(any, any) bool { seen++; return true })
	t.Logf("%d requests answered by %d of %d versions, none failed", answered.Load(), seen, swaps+1)
	if seen < 2 {
		t.Error("only one version ever answered")
	}
	if a := r.send("GET", "/v2/models/m", nil); !strings.Contains(string(a.body), fmt.Sprintf(`"versions":["%d"]`, swaps+1)) {
		t.Errorf("in the end: %s", a.body)
	}
}

// SIGTERM: the server says not to be ready and goes on for the delay; then nothing new is
// taken, and what is under way is answered.
func TestDrain(t *testing.T) {
	r := start(t, "-drain-delay", "3s", "-slots", "1")
	answers := make(chan reply, 1)
	go func() { answers <- r.post("cifar10-sds", manyPictures(t, 250)) }()
	within(t, "beginning", func() bool {
		return strings.Contains(string(r.send("GET", "/metrics", nil).body), "riffle_requests_in_flight 1")
	})
	ended := make(chan error, 1)
	go func() { ended <- r.stop() }()
	within(t, "draining", func() bool { return r.send("GET", "/v2/health/ready", nil).code == 503 })
	if a := r.post("cifar10", picture(t, "ship"), "Content-Type", "image/png"); a.code != 200 {
		t.Errorf("a new request while others find out that it drains: %d %s", a.code, a.body)
	}
	if a := r.send("GET", "/v2/health/live", nil); a.code != 200 {
		t.Errorf("live while draining: %d", a.code)
	}
	if a := <-answers; a.code != 200 {
		t.Errorf("the request under way: %d %s", a.code, a.body)
	}
	if err := <-ended; err != nil {
		t.Errorf("draining: %v", err)
	}
	if _, err := http.Get(r.http); err == nil {
		t.Error("it answers after its end")
	}
}

// What cannot end in time is cut off, and the command says so.
func TestDrainCutOff(t *testing.T) {
	r := &running{t: t, dir: t.TempDir()}
	r.put("cifar10", "1", "cifar10")
	r.start("-drain", "50ms")
	r.cut = true
	in, out := io.Pipe()
	defer out.Close()
	go http.Post(r.http+"/v2/models/cifar10/infer", "image/png", in)
	out.Write([]byte("x"))
	within(t, "beginning", func() bool {
		return strings.Contains(string(r.send("GET", "/metrics", nil).body), "riffle_requests_in_flight 1")
	})
	start := time.Now()
	if err := r.stop(); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("got %v", err)
	}
	if d := time.Since(start); d > 20*time.Second { // without -drain it would be 25
		t.Errorf("it took %v", d)
	}
}
