//go:build !unix && !windows

package main

// ignoreBrokenPipe has nothing to do where there is no such signal.
func ignoreBrokenPipe() {}
