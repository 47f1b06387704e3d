//go:build unix

package onnx_test

import (
	"syscall"
	"time"
)

// processorTime is what the process has computed so far, on all processors; negative where
// the system does not say.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return -1
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
