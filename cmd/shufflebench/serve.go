package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/riffle-ml/riffle/engine"
)

// serve is shufflebench as a peer: `shufflebench peer [-isa NAME]`. It measures
// starting and memory of riffle in a process that does nothing else, and lets
// two versions of riffle be compared.
func serve(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	f := flag.NewFlagSet("peer", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	isa := f.String("isa", "", "")
	if err := f.Parse(args); err != nil {
		return &usageError{err}
	}
	s := server{isa: *isa}
	defer s.close()
	in, out := bufio.NewReader(stdin), json.NewEncoder(stdout)
	for {
		l, err := in.ReadBytes('\n')
		if err == io.EOF && len(l) == 0 {
			return nil
		}
		if err != nil && err != io.EOF {
			return err
		}
		var q request
		if err := json.Unmarshal(l, &q); err != nil {
			return fmt.Errorf("got %.80q, want a request: %w", l, err)
		}
		if q.Op == "quit" {
			return nil
		}
		a, err := s.do(ctx, q)
		if err != nil {
			a = &answer{Error: err.Error()}
		}
		a.OK = err == nil
		if err := out.Encode(a); err != nil {
			return err
		}
	}
}

type server struct {
	isa string
	riffle
}

func (s *server) do(ctx context.Context, q request) (*answer, error) {
	switch q.Op {
	case "load":
		s.close()
		opts := []engine.Option{engine.WithThreads(max(1, q.Threads))}
		if s.isa != "" {
			opts = append(opts, engine.WithISA(s.isa))
		}
		begin := time.Now()
		m, err := engine.Load(q.Model, opts...)
		if err != nil {
			return nil, err
		}
		if s.riffle, err = newRiffle(m); err != nil {
			return nil, err
		}
		return &answer{Name: "riffle", Version: version(), NS: []float64{float64(time.Since(begin))}}, nil
	case "run":
		x, err := toFloats(q.Input)
		if err != nil {
			return nil, err
		}
		if s.session == nil {
			return nil, fmt.Errorf("run: no model is loaded")
		}
		s.setInput(x)
		begin := time.Now()
		y, err := s.output(ctx)
		if err != nil {
			return nil, err
		}
		return &answer{NS: []float64{float64(time.Since(begin))}, Output: toBytes(y)}, nil
	case "time":
		if s.session == nil || s.in == nil {
			return nil, fmt.Errorf("time: nothing was run")
		}
		ns, allocs, err := s.time(ctx, q.Warm, q.N)
		return &answer{NS: ns, Allocs: &allocs}, err
	}
	return nil, fmt.Errorf("got operation %q, want load, run, time or quit", q.Op)
}

// version is what the build says of itself.
func version() string {
	v := runtime.Version()
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" {
		v = b.Main.Version + " " + v
	}
	return v
}
