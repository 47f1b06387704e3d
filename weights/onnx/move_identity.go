package onnx

import "github.com/riffle-ml/riffle/weights/onnx/internal/proto"

// Operators that change nothing.
var moveIdentity = operator{
	reads: map[string]reader{
		"Identity": (*importer).identity,
		"Dropout":  (*importer).dropout,
		"Cast":     (*importer).cast,
		"CastLike": (*importer).castLike,
	},
	folds: map[string]evaluator{
		"Identity": func(_ *importer, in []*tensor) *tensor { return in[0] },
		"Cast":     func(im *importer, in []*tensor) *tensor { return im.convert(in[0], im.castTarget()) },
	},
}

func (im *importer) dropout() {
	im.inference()
	if t := im.constant(2, false); t != nil && t.isInt() && len(t.i) == 1 && t.i[0] != 0 {
		im.failf(ErrUnsupported, "training_mode: got true, want false (export the model in evaluation mode)")
	}
	im.identity()
}

func (im *importer) cast() { im.castTo(im.castTarget()) }

// castTo converts an activation. Where the new type holds every value of the old one
// nothing is left to do, for a model computes in float32. A type that would round is
// refused, unless an option asks for the more exact result.
func (im *importer) castTo(to int64) {
	v := im.in(0)
	if v == nil || v.c != nil || v.seq != nil {
		v = im.act(0)
	}
	if im.castNumbers(v, to) {
		return
	}
	narrow := to == proto.Float16 || to == proto.BFloat16
	exact := v.typ == to || narrow && (v.typ == proto.Uint8 || v.typ == proto.Int8)
	switch {
	case !proto.IsFloat(to):
		im.failf(ErrUnsupported, "to: got %s for an activation, want floats", proto.TypeName(to))
	case narrow && !exact && !im.wider:
		im.failf(ErrUnsupported, "to: got %s, which rounds, for an activation, want float32: a model computes in that (WithWiderCasts, infer convert -wide, does so, and gives the more exact result)", proto.TypeName(to))
	}
	out := *v
	out.typ = 0
	if v.mean != nil {
		out = *im.act(0)
	}
	im.out(&out)
}

// castLike casts to the type of its second input. An activation is of floats.
func (im *importer) castLike() {
	like := im.in(1)
	if like == nil || like.seq != nil {
		im.failf(ErrInvalid, "got %d inputs, want 2", len(im.n.Inputs))
	}
	to := int64(proto.Float)
	switch {
	case like.c == nil && like.typ != 0:
		to = like.typ
	case like.c != nil && like.c.typ != 0:
		to = like.c.typ
	case like.c != nil && like.c.isInt():
		to = proto.Int64
	}
	if x := im.in(0); x != nil && x.c != nil {
		im.out(&value{c: im.convert(x.c, to)})
		return
	}
	im.castTo(to)
}
