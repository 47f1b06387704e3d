package predict

import (
	"context"
	"time"

	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/serve/internal/gate"
	"github.com/riffle-ml/riffle/serve/internal/guard"
)

// Limits bound one request.
type Limits struct {
	Samples int                // in one request
	Picture preprocess.Options // of each picture
}

// Observer is told when each stage of a sample began and how long it took, and how many
// samples a request has. The context is the request's.
type Observer interface {
	Stage(ctx context.Context, model, stage string, sample int, start time.Time, d time.Duration)
	Batch(ctx context.Context, model string, samples int)
}

// Predictor computes requests. It is safe for concurrent use.
type Predictor struct {
	Gate   *gate.Gate
	Budget *guard.Budget // of which answers take their memory; nil: it has no bound
	Limits Limits
	Seen   Observer
}

// The stages of a sample, in the order of the output "stages".
var stages = [...]string{"queue", "decode", "resize", "run"}
