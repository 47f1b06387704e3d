//go:build unix

package preprocess

import (
	"syscall"
	"time"
)

// processorTime is what this process has used of its processors: a measure that other
// programs on the machine do not change much.
func processorTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
