package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"time"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/contender"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/peer"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
)

// Server is one peer: the model that it has loaded.
type Server struct {
	ISA      string // instruction set; "" for the default
	Half     bool   // float16 arithmetic
	run      *contender.Riffle
	fed      bool // run has an input
	pictures *contender.Pictures
}

// Close frees the model.
func (s *Server) Close() {
	if s.run != nil {
		s.run.Close()
	}
	if s.pictures != nil {
		s.pictures.Close()
	}
	s.run, s.fed, s.pictures = nil, false, nil
}

// Do answers one request.
func (s *Server) Do(ctx context.Context, q peer.Request) (*peer.Answer, error) {
	switch q.Op {
	case "load":
		return s.load(q)
	case "run":
		x, err := peer.Floats(q.Input)
		if err != nil {
			return nil, err
		}
		if s.run == nil {
			return nil, fmt.Errorf("run: got no model, want one loaded, for tensors")
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
			return nil, fmt.Errorf("time: got no input, want a run before")
		}
		ns, allocs, err := s.run.Time(ctx, q.Warm, q.N)
		return &peer.Answer{NS: ns, Allocs: &allocs}, err
	case "classify":
		if s.pictures == nil {
			return nil, fmt.Errorf("classify: got no model, want one loaded, for pictures")
		}
		c, err := s.pictures.Classify(ctx, q.Files)
		if err != nil {
			return nil, err
		}
		return &peer.Answer{NS: c.NS, Classes: c.Classes, Elapsed: c.Elapsed}, nil
	}
	return nil, fmt.Errorf("got operation %q, want load, run, time, classify or quit", q.Op)
}

// load reads a model for tensors, or, if the request says how a picture becomes an
// input, for pictures: then every thread takes a picture of its own.
func (s *Server) load(q peer.Request) (*peer.Answer, error) {
	s.Close()
	begin := time.Now()
	threads := max(1, q.Threads)
	var err error
	if len(q.Preprocess) > 0 {
		err = s.loadForPictures(q, threads)
	} else {
		var m *engine.Model
		if m, err = engine.Load(q.Model, s.options(threads)...); err == nil {
			s.run, err = contender.NewRiffle(m)
		}
	}
	if err != nil {
		return nil, err
	}
	return &peer.Answer{Name: "riffle", Version: cli.Version() + " " + runtime.Version(), NS: []float64{float64(time.Since(begin))}}, nil
}

func (s *Server) loadForPictures(q peer.Request, threads int) error {
	w, err := weights.ReadFile(q.Model)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(q.Preprocess, &w.Preprocess); err != nil {
		return fmt.Errorf("load: preprocess: %w", err)
	}
	m, err := engine.New(w, s.options(1)...)
	if err != nil {
		return err
	}
	s.pictures, err = contender.NewPictures(m, threads, false)
	return err
}

func (s *Server) options(threads int) []engine.Option {
	opts := []engine.Option{engine.WithThreads(threads)}
	if s.ISA != "" {
		opts = append(opts, engine.WithISA(s.ISA))
	}
	if s.Half {
		opts = append(opts, engine.WithHalfArithmetic())
	}
	return opts
}
