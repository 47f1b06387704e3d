package app

import (
	"io"

	"github.com/riffle-ml/riffle/internal/atomicfile"
)

// WriteFile writes a file that appears whole or not at all: whatever happens
// meanwhile, the old file or the new one stands. The path "-" is standard output. What
// exists and is no regular file (a device, a pipe) is written to directly.
func (a *App) WriteFile(path string, write func(io.Writer) error) error {
	if path == "-" {
		return write(a.Stdout)
	}
	return atomicfile.Write(path, 0o666, write)
}

// WriteBytes is WriteFile for contents that are there already.
func (a *App) WriteBytes(path string, b []byte) error {
	return a.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}
