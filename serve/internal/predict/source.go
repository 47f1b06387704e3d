package predict

import (
	"context"
	"errors"
	"image"
	"time"

	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/network"
)

// Image is the name of the input that takes pictures.
const Image = "image"

// source gives the samples of a request.
type source interface {
	samples() int
	weight() int // bytes of the largest sample
	// input returns sample i as the network wants it, in x's memory or the request's.
	input(ctx context.Context, x *network.Runner, i int, took *[len(stages)]time.Duration) ([]float32, error)
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
