// Package serve is riffle as a peer of shufflebench: "shufflebench peer". It
// measures how riffle starts, and what memory it takes, in a process that does
// nothing else, and lets two versions of riffle be compared.
package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/contender"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/peer"
	"github.com/riffle-ml/riffle/engine"
)

// Serve answers the requests on stdin until the request "quit" or the end of
// stdin. args are flags: -isa NAME.
func Serve(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	f := flag.NewFlagSet("peer", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	isa := f.String("isa", "", "")
	if err := f.Parse(args); err != nil {
		return cli.WithStatus(cli.Usage, err)
	}
	s := Server{ISA: *isa}
	defer s.Close()
	in, out := bufio.NewReader(stdin), json.NewEncoder(stdout)
	for {
		l, err := in.ReadBytes('\n')
		if err == io.EOF && len(l) == 0 {
			return nil
		}
		if err != nil && err != io.EOF {
			return err
		}
		var q peer.Request
		if err := json.Unmarshal(l, &q); err != nil {
			return fmt.Errorf("got %.80q, want a request: %w", l, err)
		}
		if q.Op == "quit" {
			return nil
		}
		a, err := s.Do(ctx, q)
		if err != nil {
			a = &peer.Answer{Error: err.Error()}
		}
		a.OK = err == nil
		if err := out.Encode(a); err != nil {
			return err
		}
	}
}

// Server is one peer: the model that it has loaded.
type Server struct {
	ISA string // instruction set; "" for the default
	run *contender.Riffle
	fed bool // an input is set
}

// Close frees the model.
func (s *Server) Close() {
	if s.run != nil {
		s.run.Close()
		s.run, s.fed = nil, false
	}
}

// Do answers one request.
func (s *Server) Do(ctx context.Context, q peer.Request) (*peer.Answer, error) {
	switch q.Op {
	case "load":
		s.Close()
		opts := []engine.Option{engine.WithThreads(max(1, q.Threads))}
		if s.ISA != "" {
			opts = append(opts, engine.WithISA(s.ISA))
		}
		begin := time.Now()
		m, err := engine.Load(q.Model, opts...)
		if err != nil {
			return nil, err
		}
		if s.run, err = contender.NewRiffle(m); err != nil {
			return nil, err
		}
		return &peer.Answer{Name: "riffle", Version: cli.Version() + " " + runtime.Version(), NS: []float64{float64(time.Since(begin))}}, nil
	case "run":
		x, err := peer.Floats(q.Input)
		if err != nil {
			return nil, err
		}
		if s.run == nil {
			return nil, fmt.Errorf("run: no model is loaded")
		}
		s.run.SetInput(x)
		s.fed = true
		begin := time.Now()
		y, err := s.run.Output(ctx)
		if err != nil {
			return nil, err
		}
		return &peer.Answer{NS: []float64{float64(time.Since(begin))}, Output: peer.Bytes(y)}, nil
	case "time":
		if !s.fed {
			return nil, fmt.Errorf("time: nothing was run")
		}
		ns, allocs, err := s.run.Time(ctx, q.Warm, q.N)
		return &peer.Answer{NS: ns, Allocs: &allocs}, err
	}
	return nil, fmt.Errorf("got operation %q, want load, run, time or quit", q.Op)
}
