//go:build !unix

package preprocess

import "time"

var began = time.Now()

// processorTime is the time by the clock, where the process's own is not to be had.
func processorTime() time.Duration { return time.Since(began) }
