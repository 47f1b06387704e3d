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
		"Cast":     func(im *importer, in []*tensor) *tensor { return im.convert(in[0], im.attrInt("to", 0)) },
	},
}

func (im *importer) dropout() {
	if t := im.constant(2, false); t != nil && t.isInt() && len(t.i) == 1 && t.i[0] != 0 {
		im.failf(ErrUnsupported, "training_mode: got true, want false (export the model in evaluation mode)")
	}
	im.identity()
}

func (im *importer) cast() {
	if to := im.attrInt("to", 0); !proto.IsFloat(to) {
		im.failf(ErrUnsupported, "to: got element type %d of an activation, want float32, float16 or float64", to)
	}
	im.identity()
}

// castLike casts to the type of its second input. An activation is of floats.
func (im *importer) castLike() {
	like := im.in(1)
	if like == nil || like.seq != nil {
		im.failf(ErrInvalid, "got %d inputs, want 2", len(im.n.Inputs))
	}
	integers := like.c != nil && like.c.isInt()
	if x := im.in(0); x != nil && x.c != nil {
		to := int64(proto.Float)
		if integers {
			to = proto.Int64
		}
		im.out(&value{c: im.convert(x.c, to)})
		return
	}
	if integers {
		im.failf(ErrUnsupported, "got an activation as integers, want floats")
	}
	im.identity()
}
