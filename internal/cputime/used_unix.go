//go:build unix

package cputime

import (
	"syscall"
	"time"
)

// Used is what this process has used of its processors so far, on all threads, in Go code
// and in the system's on its behalf.
func Used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // every unix knows this process
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
