// Package core is what both protocols' servers share: which model a request means,
// whether it is admitted, and how long it may take.
package core

import (
	"context"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/guard"
	"github.com/riffle-ml/riffle/serve/internal/network"
	"github.com/riffle-ml/riffle/serve/internal/oip"
	"github.com/riffle-ml/riffle/serve/internal/predict"
	"github.com/riffle-ml/riffle/serve/internal/repository"
	"github.com/riffle-ml/riffle/serve/internal/seen"
)

// What the server says of itself.
const (
	Name     = "riffle"
	Platform = "riffle_rfl" // of its models
)

// Extensions are those of the protocol that the server speaks; binary tensor data over
// HTTP alone, as gRPC has a form of its own.
func Extensions() []string {
	return []string{"binary_tensor_data", "classification", "model_repository"}
}

// Server is the parts of a server. Its fields are set once, before it is used; then it is
// safe for concurrent use.
type Server struct {
	Models    *repository.Repository
	Predictor *predict.Predictor
	Seen      *seen.Metrics
	Budget    *guard.Budget
	Token     *guard.Token
	Control   bool  // whether clients may load and unload
	MaxBody   int64 // bytes
	Timeout   time.Duration
	Patience  time.Duration // with a body that comes, or an answer that goes
	Draining  func() bool   // whether an end was asked for: requests are still answered, but should be sent elsewhere
	Version   string
}

// Ready says whether requests should be sent here.
func (s *Server) Ready() bool { return !s.Draining() && s.Models.Complete() }

// Admit finds the model that a request means, and says so in call. The error says that
// there is none, or that the server is too busy to look at the request. It costs
// little, so that it can be asked before a body is read.
func (s *Server) Admit(call *seen.Call, model, version string) (*network.Network, func(), error) {
	n, release, err := s.Models.Acquire(model, version)
	if err != nil {
		return nil, nil, err
	}
	call.Model, call.Version = n.Name, n.Version // and not what the client wrote: metrics are labelled by it
	if err := s.Predictor.Gate.Refuses(n.Name, 1); err != nil {
		release()
		return nil, nil, err
	}
	return n, release, nil
}

// Versions lists what is loaded of a model, for what is said of n: of one version, when a
// client asked for that.
func (s *Server) Versions(n *network.Network, asked string) []string {
	if asked != "" {
		return []string{n.Version}
	}
	return s.Models.Versions(n.Name)
}

// Compute answers a request of a model that was admitted. It ends when ctx does, at the
// server's timeout, or at the request's own: its parameter "timeout", in microseconds.
// release is called once the answer has been sent; after an error there is none.
func (s *Server) Compute(ctx context.Context, n *network.Network, q *oip.Request) (a *oip.Answer, release func(), err error) {
	us, err := q.Params.Int("request", "timeout", 0)
	if err != nil {
		return nil, nil, err
	}
	if us < 0 {
		return nil, nil, fault.New(fault.Invalid, "request: parameter timeout is %d microseconds, want more than 0", us)
	}
	most := s.Timeout
	if us > 0 && us < most.Microseconds() {
		most = time.Duration(us) * time.Microsecond
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	return s.Predictor.Run(ctx, n, q)
}

// Load and Unload are for clients, who may be forbidden to.
func (s *Server) Load(ctx context.Context, model string) error {
	if err := s.allowed(); err != nil {
		return err
	}
	return s.Models.Load(ctx, model)
}

// Unload lets a model go.
func (s *Server) Unload(_ context.Context, model string) error {
	if err := s.allowed(); err != nil {
		return err
	}
	return s.Models.Unload(model)
}

func (s *Server) allowed() error {
	if s.Control {
		return nil
	}
	return fault.New(fault.Forbidden, "the server does not let clients load and unload models")
}
