// Command footprint is the smallest program that embeds riffle: it loads a
// model file, runs one input and says what that took.
//
//	go build -o footprint ./cmd/shufflebench/footprint && ./footprint -threads 1 model.rfl
//
// It prints the milliseconds from the start of the process to main, of loading
// (file to session), of the first run and of the median of 20 more; and, where the
// system has /proc, the process's resident memory after loading and at the end
// and the most that it ever was.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/riffle-ml/riffle/engine"
)

func main() {
	threads := flag.Int("threads", 1, "threads of a run")
	runs := flag.Int("runs", 20, "runs after the first")
	flag.Parse()
	if flag.NArg() != 1 || *runs < 1 {
		fmt.Fprintln(os.Stderr, "usage: footprint [-threads N] [-runs N] model.rfl")
		os.Exit(2)
	}
	if err := measure(flag.Arg(0), *threads, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "footprint:", err)
		os.Exit(1)
	}
}

func measure(path string, threads, runs int) error {
	begin := time.Now()
	m, err := engine.Load(path, engine.WithThreads(threads))
	if err != nil {
		return err
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		return err
	}
	load := time.Since(begin)
	loaded := memory("VmRSS")
	info := m.Info()
	in, out := make([]float32, info.InputLen()), make([]float32, info.OutputLen())
	for i := range in {
		in[i] = float32(i%255)/127 - 1
	}
	begin = time.Now()
	if err := s.Run(context.Background(), out, in); err != nil {
		return err
	}
	first := time.Since(begin)
	times := make([]time.Duration, runs)
	for i := range times {
		begin = time.Now()
		if err := s.Run(context.Background(), out, in); err != nil {
			return err
		}
		times[i] = time.Since(begin)
	}
	slices.Sort(times)
	ms := func(d time.Duration) float64 { return d.Seconds() * 1e3 }
	fmt.Printf("load %.2f ms, first run %.2f, together %.2f, later %.2f; resident after loading %s, at the end %s, at most %s\n",
		ms(load), ms(first), ms(load+first), ms(times[runs/2]), loaded, memory("VmRSS"), memory("VmHWM"))
	return nil
}

// memory is a line of /proc/self/status, or "unknown".
func memory(key string) string {
	b, _ := os.ReadFile("/proc/self/status")
	for line := range bytes.Lines(b) {
		if v, ok := strings.CutPrefix(string(line), key+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}
