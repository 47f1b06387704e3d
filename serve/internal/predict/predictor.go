package predict

import (
	"time"

	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/serve/internal/gate"
)

// Limits bound one request.
type Limits struct {
	Samples int                // in one request
	Picture preprocess.Options // of each picture
}

// Observer is told how long each stage took, and how many samples a request had.
type Observer interface {
	Stage(model, stage string, d time.Duration)
	Batch(model string, samples int)
}

// Predictor computes requests. It is safe for concurrent use.
type Predictor struct {
	Gate   *gate.Gate
	Limits Limits
	Seen   Observer
}

// The stages of a sample, in the order of the output "stages".
var stages = [...]string{"queue", "decode", "resize", "run"}
