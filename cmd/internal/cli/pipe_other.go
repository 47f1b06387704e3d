//go:build !unix && !windows

package cli

// ignoreBrokenPipe has nothing to do on systems without that signal.
func ignoreBrokenPipe() {}
