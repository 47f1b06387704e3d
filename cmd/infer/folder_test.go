//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/cmd/infer/internal/command"
	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
)

var (
	folderSize = flag.Int("folder", 200, "pictures in the folder of TestFolder: go test ./cmd/infer -run Folder -v -folder 10000")
	folderSide = flag.Int("folder-side", 48, "width of a picture there, in pixels")
)

const envChild = "RIFFLE_TEST_INFER"

// TestMain is the command itself in the processes that tests start.
func TestMain(m *testing.M) {
	if os.Getenv(envChild) != "" {
		main()
	}
	os.Exit(m.Run())
}

// child is skipped where a program cannot start itself: in an emulator of one
// program.
func child(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	if err := exec.Command(os.Args[0], "-test.run=^$").Run(); errors.Is(err, syscall.ENOEXEC) {
		t.Skip(err)
	}
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), envChild+"=1")
	return c
}

// folder makes n pictures, PNG and JPEG in turn, every 50th broken, in one way after
// another, and returns it with the names in order; those of broken ones end in "!".
func folder(t testing.TB, n, side int) (dir string, names []string) {
	t.Helper()
	dir = t.TempDir()
	var good [16][]byte
	for i := range good {
		good[i] = photo(t, uint64(i), side, i%2 == 1)
	}
	for i := range n {
		b, name := good[i%16], fmt.Sprintf("%06d.%s", i, []string{"png", "jpg"}[i%2])
		if i%50 == 7 {
			switch i / 50 % 5 {
			case 0:
				b = nil
			case 1:
				b = b[:len(b)/3]
			case 2:
				b = []byte("no picture")
			case 3:
				b = bytes.Repeat([]byte{0xff}, 5000)
			case 4: // claims 100,000 x 100,000 pixels
				b = bytes.Clone(good[0])
				copy(b[16:], []byte{0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0})
			}
			names = append(names, name+"!")
		} else {
			names = append(names, name)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, names
}

// photo is a picture with smooth parts and noise, as photographs have.
func photo(t testing.TB, seed uint64, side int, asJPEG bool) []byte {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 4))
	m := image.NewNRGBA(image.Rect(0, 0, side, side*3/4))
	for i := range m.Rect.Dx() * m.Rect.Dy() {
		x, y := i%side, i/side
		v := x*200/side + rng.IntN(20)
		m.SetNRGBA(x, y, color.NRGBA{uint8(v), uint8(y*200/side + int(seed)), uint8(v/2 + 3*int(seed)), 255})
	}
	var b bytes.Buffer
	err := png.Encode(&b, m)
	if asJPEG {
		b.Reset()
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: 85})
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// check reads JSON records and fails unless they are the names, in order.
func checkRecords(t *testing.T, out []byte, dir string, names []string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(names) {
		t.Fatalf("got %d records, want %d", len(lines), len(names))
	}
	for i, line := range lines {
		var rec struct {
			File, Error string
			Top         []struct{ Prob float64 }
		}
		if err := json.Unmarshal([]byte(line), &rec); err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		name := filepath.Base(rec.File)
		if rec.Error != "" {
			name += "!"
		}
		if name != names[i] || (rec.Error == "") == (len(rec.Top) == 0) {
			t.Fatalf("record %d: got %s, want %s", i, line, names[i])
		}
	}
}

// TestFolder: a folder with broken pictures in it, by the command in a process of its
// own. Records come in order, the broken ones as errors; its memory does not
// grow with the number of pictures. With -v it says how fast it was, and how
// fast the network alone is on as many threads.
func TestFolder(t *testing.T) {
	n, side := *folderSize, *folderSide
	if testing.Short() {
		n = min(n, 60)
	}
	dir, names := folder(t, n, side)
	model := infertest.ModelFile(t, nil)
	peak := func(args ...string) (out []byte, kib int64, took time.Duration) {
		c := child(t, append([]string{"-m", model, "-json", "-k", "1"}, args...)...)
		var errs bytes.Buffer
		c.Stderr = &errs
		begin := time.Now()
		out, _ = c.Output()
		took = time.Since(begin)
		if code := c.ProcessState.ExitCode(); code != cli.Failed || errs.Len() > 0 {
			t.Fatalf("got exit status %d and %q, want %d and nothing", code, errs.String(), cli.Failed)
		}
		kib = c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
		if runtime.GOOS == "darwin" {
			kib /= 1024
		}
		return out, kib, took
	}
	out, once, took := peak(dir)
	checkRecords(t, out, dir, names)
	rate := float64(n) / took.Seconds()
	t.Logf("%d pictures of %d x %d: %.0f a second, %d MiB at most", n, side, side*3/4, rate, once>>10)

	// The same pictures five times over: the list of names alone is longer.
	_, five, _ := peak(dir, dir, dir, dir, dir)
	t.Logf("%d pictures: %d MiB at most", 5*n, five>>10)
	if most := once + 24<<10 + int64(n)/2; five > most {
		t.Errorf("%d KiB of memory for %d pictures, %d KiB for %d, want at most %d", five, 5*n, once, n, most)
	}
	if testing.Verbose() {
		network, whole := alone(t, model, dir, names)
		t.Logf("the network alone: %.0f a second; decoding, preprocessing and the network, from memory: %.0f a second; the command: %.0f %% of that", network, whole, 100*rate/whole)
	}
}

// alone measures, on as many goroutines as there are processors, the network's runs a
// second, and pictures a second from encoded bytes in memory.
func alone(t *testing.T, path, dir string, names []string) (network, whole float64) {
	m, err := engine.Load(path, engine.WithThreads(1))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	info := m.Info()
	each := func(f func() func(i int)) float64 {
		workers := runtime.GOMAXPROCS(0)
		var wg sync.WaitGroup
		begin := time.Now()
		for w := range workers {
			wg.Go(func() {
				do := f()
				for i := w; i < len(names); i += workers {
					do(i)
				}
			})
		}
		wg.Wait()
		return float64(len(names)) / time.Since(begin).Seconds()
	}
	network = each(func() func(int) {
		s, err := m.NewSession()
		if err != nil {
			t.Error(err)
		}
		in, out := make([]float32, info.InputLen()), make([]float32, info.OutputLen())
		return func(int) {
			if err := s.Run(context.Background(), out, in); err != nil {
				t.Error(err)
			}
		}
	})
	all := make([][]byte, len(names))
	for i, name := range names {
		if all[i], err = os.ReadFile(filepath.Join(dir, strings.TrimSuffix(name, "!"))); err != nil {
			t.Fatal(err)
		}
	}
	whole = each(func() func(int) {
		return func(i int) {
			if img, _, err := preprocess.DecodeBytes(all[i], preprocess.Options{}); err == nil {
				m.Classify(context.Background(), img, 1)
			}
		}
	})
	return network, whole
}

// TestFolderInterrupted: Ctrl-C in the middle ends the command at once, with whole
// records behind it and 130.
func TestFolderInterrupted(t *testing.T) {
	dir, _ := folder(t, 100, 48)
	args := []string{"-m", infertest.ModelFile(t, nil), "-json"}
	for range 1000 {
		args = append(args, dir)
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		c := child(t, args...)
		var errs bytes.Buffer
		c.Stderr = &errs
		pipe, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		r := bufio.NewReader(pipe)
		for range 120 {
			if _, err := r.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		rest, err := io.ReadAll(r)
		if err != nil {
			t.Error(err)
		}
		c.Wait()
		if code := c.ProcessState.ExitCode(); code != cli.Interrupted {
			t.Errorf("%v: got exit status %d and %q, want %d", signal, code, errs.String(), cli.Interrupted)
		}
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("%v: ended after %v", signal, took)
		}
		if len(rest) > 0 && rest[len(rest)-1] != '\n' {
			t.Errorf("%v: the last record is cut: %q", signal, rest[max(0, len(rest)-100):])
		}
		if n := bytes.Count(rest, []byte("\n")); n > 50_000 {
			t.Errorf("%v: %d records came afterwards", signal, n)
		}
	}
}

// TestFolderPipeClosed: whoever reads the output goes away, as head does: the command
// ends, silently.
func TestFolderPipeClosed(t *testing.T) {
	dir, _ := folder(t, 100, 48)
	args := []string{"-m", infertest.ModelFile(t, nil), "-json"}
	for range 1000 {
		args = append(args, dir)
	}
	c := child(t, args...)
	var errs bytes.Buffer
	c.Stderr = &errs
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReaderSize(pipe, 64).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	pipe.Close()
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		c.Process.Kill()
		t.Fatal("still running, with nobody to read its output")
	}
	if code := c.ProcessState.ExitCode(); code != cli.OK || errs.Len() > 0 {
		t.Errorf("got exit status %d and %q, want %d and silence", code, errs.String(), cli.OK)
	}
}

// BenchmarkFolder is the command in this process; its metric is pictures a second.
func BenchmarkFolder(b *testing.B) {
	const n = 1000
	dir, _ := folder(b, n, *folderSide)
	model := infertest.ModelFile(b, nil)
	for b.Loop() {
		command.Run(context.Background(), []string{"-m", model, "-json", "-k", "1", dir}, nil, io.Discard, io.Discard)
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "pictures/s")
}
