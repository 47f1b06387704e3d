package riffle

import "github.com/apache/beam/sdks/v2/go/pkg/beam"

// The counters and distributions of the steps, which [Classify] documents.
var (
	classified = beam.NewCounter("riffle", "classified")
	failures   = beam.NewCounter("riffle", "failed")
	bytes      = beam.NewCounter("riffle", "bytes")
	decodeTime = beam.NewDistribution("riffle", "decode_us")
	runTime    = beam.NewDistribution("riffle", "run_us")
	batches    = beam.NewDistribution("riffle", "batch")
)
