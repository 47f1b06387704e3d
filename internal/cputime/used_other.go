//go:build !unix

package cputime

import "time"

var began = time.Now()

// Used is the time by the clock, where what the process used itself is not to be had. It is
// the more of both, for work on one processor.
func Used() time.Duration { return time.Since(began) }
