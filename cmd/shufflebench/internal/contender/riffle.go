package contender

import (
	"context"
	"runtime"
	"time"

	"github.com/riffle-ml/riffle/engine"
)

// Riffle is riffle in this process.
type Riffle struct {
	model   *engine.Model
	session *engine.Session
	in, out []float32
}

// NewRiffle returns a contender with a session of m, which it closes in the end.
// [Riffle.SetInput] must be called before it runs.
func NewRiffle(m *engine.Model) (*Riffle, error) {
	s, err := m.NewSession()
	if err != nil {
		m.Close()
		return nil, err
	}
	return &Riffle{model: m, session: s}, nil
}

// SetInput sets the input of all runs that follow: float32 NCHW, any number of
// samples. It keeps x.
func (r *Riffle) SetInput(x []float32) {
	info := r.model.Info()
	r.in, r.out = x, make([]float32, len(x)/info.InputLen()*info.OutputLen())
}

func (r *Riffle) Output(ctx context.Context) ([]float32, error) {
	err := r.session.Run(ctx, r.out, r.in)
	return r.out, err
}

func (r *Riffle) Time(ctx context.Context, warm, n int) ([]float64, float64, error) {
	ns := make([]float64, n)
	for range warm {
		if err := r.session.Run(ctx, r.out, r.in); err != nil {
			return nil, -1, err
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range ns {
		begin := time.Now()
		err := r.session.Run(ctx, r.out, r.in)
		ns[i] = float64(time.Since(begin))
		if err != nil {
			return nil, -1, err
		}
	}
	runtime.ReadMemStats(&after)
	return ns, float64(after.Mallocs-before.Mallocs) / float64(max(1, n)), nil
}

func (r *Riffle) Close() {
	if r.session != nil {
		r.session.Close()
		r.model.Close()
		r.session, r.model = nil, nil
	}
}
