package predict

import (
	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/network"
	"github.com/riffle-ml/riffle/serve/internal/oip"
)

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
	if err := p.fits(int64(s.samples())); err != nil {
		return nil, err
	}
	return s, nil
}

// fits refuses a number of samples in one request.
func (p *Predictor) fits(samples int64) error {
	if samples < 1 || samples > int64(p.Limits.Samples) {
		return fault.New(fault.TooLarge, "%d samples in one request, want 1 to %d", samples, p.Limits.Samples)
	}
	return nil
}
