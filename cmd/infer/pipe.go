//go:build unix || windows

package main

import (
	"os/signal"
	"syscall"
)

// ignoreBrokenPipe: a reader that closes our output early (infer ... | head)
// shall give an error that can be handled, not kill the process.
func ignoreBrokenPipe() { signal.Ignore(syscall.SIGPIPE) }
