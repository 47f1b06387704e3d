package predict

import (
	"context"
	"errors"
	"image"
	"math"
	"slices"
	"time"

	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/network"
	"github.com/riffle-ml/riffle/serve/internal/oip"
)

// Image is the name of the input that takes pictures.
const Image = "image"

// source gives the samples of a request.
type source interface {
	samples() int
	// input returns sample i as the network wants it, in x's memory or the request's.
	input(ctx context.Context, x *network.Runner, i int, took *[len(stages)]time.Duration) ([]float32, error)
}

// source finds the request's input, and checks everything that can be checked before it
// waits for a slot.
func (p *Predictor) source(n *network.Network, r *oip.Request) (source, error) {
	if len(r.Inputs) != 1 {
		return nil, fault.New(fault.Invalid, "model %s: %d inputs, want one: %s or %s", n.Name, len(r.Inputs), n.Input, Image)
	}
	t := &r.Inputs[0]
	var s source
	var err error
	switch {
	case t.Datatype == oip.FP32 && t.Name == n.Input:
		s, err = tensorSource(n, t)
	case t.Name == Image && t.Datatype != oip.FP32:
		if n.Model.Preprocess() == nil {
			return nil, fault.New(fault.Invalid, "model %s: its file does not say how a picture becomes its input: send %s", n.Name, n.Input)
		}
		s, err = p.pictures(t)
	case t.Name == n.Input:
		err = fault.New(fault.Invalid, "model %s: input %s is of %s, want %s", n.Name, t.Name, t.Datatype, oip.FP32)
	default:
		err = fault.New(fault.NotFound, "model %s has no input %q: its inputs are %s (%s) and %s (%s or %s)",
			n.Name, t.Name, n.Input, oip.FP32, Image, oip.BYTES, oip.UINT8)
	}
	if err != nil {
		return nil, err
	}
	if k := s.samples(); k < 1 || k > p.Limits.Samples {
		return nil, fault.New(fault.TooLarge, "model %s: %d samples in one request, want 1 to %d", n.Name, k, p.Limits.Samples)
	}
	return s, nil
}

// tensors is the network's own input.
type tensors struct {
	data []float32
	len  int // of a sample
}

func tensorSource(n *network.Network, t *oip.Tensor) (source, error) {
	want := n.Info.Input
	shape := t.Shape
	if len(shape) == len(want)+1 {
		shape = shape[1:]
	}
	same := func(a int64, b int) bool { return a == int64(b) }
	if !slices.EqualFunc(shape, want, same) {
		return nil, fault.New(fault.Invalid, "model %s: input %s has shape %v, want [n %s", n.Name, t.Name, t.Shape, dims(want))
	}
	for i, v := range t.Floats {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fault.New(fault.Invalid, "model %s: input %s: element %d is %v, want finite numbers", n.Name, t.Name, i, f)
		}
	}
	return tensors{t.Floats, n.Info.InputLen()}, nil
}

func (s tensors) samples() int { return len(s.data) / s.len }

func (s tensors) input(_ context.Context, _ *network.Runner, i int, _ *[len(stages)]time.Duration) ([]float32, error) {
	return s.data[i*s.len : (i+1)*s.len], nil
}

// decoded wraps what decoding or preprocessing a picture says into what the protocol says.
func decoded(i int, err error) error {
	kind := fault.Internal
	switch {
	case err == nil:
		return nil
	case errors.Is(err, preprocess.ErrLimit):
		kind = fault.TooLarge
	case errors.Is(err, preprocess.ErrFormat):
		kind = fault.Unsupported
	case errors.Is(err, preprocess.ErrImage):
		kind = fault.Invalid
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return fault.New(kind, "input %s: picture %d: %w", Image, i, err)
}

// apply resizes a picture into x.Src.
func apply(ctx context.Context, x *network.Runner, i int, img image.Image, took *[len(stages)]time.Duration) ([]float32, error) {
	start := time.Now()
	err := x.Pre.ApplyContext(ctx, x.Src, img)
	took[2] = time.Since(start)
	return x.Src, decoded(i, err)
}
