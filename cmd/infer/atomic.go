package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
)

// writeFile writes a file that appears whole or not at all: under a temporary name
// in its own folder, then renamed. "-" is standard output. What exists and is no
// regular file (a device, a pipe) is written to directly and never replaced.
func (a *app) writeFile(path string, write func(io.Writer) error) (err error) {
	if path == "-" {
		return write(stdoutWriter{a.stdout})
	}
	// Write through a link, not over it.
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	mode := os.FileMode(0o666)
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			if err := write(f); err != nil {
				f.Close()
				return err
			}
			return f.Close()
		}
		mode = info.Mode().Perm()
	}
	f, err := createTemp(path, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	b := bufio.NewWriterSize(f, 1<<16)
	if err := write(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	// On the disk before the name is: a crash leaves the old file or the new.
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// createTemp makes a new file beside path. Unlike os.CreateTemp's it has the
// mode that the file itself would have been created with.
func createTemp(path string, mode os.FileMode) (*os.File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return nil, err
	}
	name := f.Name()
	f.Close()
	// Created again so that the umask applies.
	if err := os.Remove(name); err != nil {
		return nil, err
	}
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

// stdoutWriter marks errors of standard output as such.
type stdoutWriter struct{ w io.Writer }

func (s stdoutWriter) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		err = &outputError{err}
	}
	return n, err
}
