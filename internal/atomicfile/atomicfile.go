// Package atomicfile writes files that appear whole or not at all.
//
// It knows files and directories. It knows nothing of what is written.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// Write replaces the file at path by what write writes. Whatever happens
// meanwhile (an error of write, a full disk, a killed process, a crash of the
// machine), path holds either what it held before or all of what was written.
//
// The bytes go to a temporary file in path's own directory. Write then makes the
// system store them on the disk, and renames the file to path. A temporary file
// that a killed process leaves behind is called ".NAME.RANDOM.tmp" and may be deleted.
//
// A new file has the permission bits perm, less the umask. A file that is replaced
// keeps its own permission bits; its other hard links keep the old contents. Where
// path is a symbolic link, the link stays and the file that it names is replaced.
// Where path exists and is no regular file (a device, a named pipe), it is written to
// directly, because it cannot be replaced.
//
// The writer that write gets is buffered and valid until write returns. The error
// is write's own, unchanged, or the file system's. Write may be called from
// any number of goroutines, for the same path too: the last one to end wins.
func Write(path string, perm fs.FileMode, write func(io.Writer) error) error {
	path, err := target(path)
	if err != nil {
		return err
	}
	keep := false
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case info.IsDir():
		return &fs.PathError{Op: "write", Path: path, Err: errors.New("got a directory, want a file")}
	case !info.Mode().IsRegular():
		return direct(path, write)
	default:
		perm, keep = info.Mode().Perm(), true
	}
	return replace(path, perm, keep, write)
}

// target follows symbolic links from path to what a write should replace. Unlike
// filepath.EvalSymlinks it accepts a link to a file that does not exist yet.
func target(path string) (string, error) {
	for range 40 { // as many as Linux follows
		info, err := os.Lstat(path)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return path, nil // what is wrong, the next call says
		}
		to, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return "", &fs.PathError{Op: "write", Path: path, Err: errors.New("got a chain of over 40 symbolic links, want fewer")}
}

// direct writes to what cannot be replaced.
func direct(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(fill(f, write), f.Close())
}

// replace writes a temporary file and renames it to path. keep says that perm is
// that of the file that is replaced, to which the umask does not apply again.
func replace(path string, perm fs.FileMode, keep bool, write func(io.Writer) error) (err error) {
	f, err := create(path, perm)
	if err != nil {
		return err
	}
	done := false
	defer func() { // after a panic of write too
		if !done {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := fill(f, write); err != nil {
		return err
	}
	if keep {
		if err := f.Chmod(perm); err != nil {
			return err
		}
	}
	// The contents must be on the disk before the name is: else a crash could
	// leave the new name with an empty file.
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	done = true
	syncDir(filepath.Dir(path))
	return nil
}

func fill(f *os.File, write func(io.Writer) error) error {
	b := bufio.NewWriterSize(f, 1<<16)
	if err := write(b); err != nil {
		return err
	}
	return b.Flush()
}

// create makes a new file beside path. Unlike that of os.CreateTemp its mode is
// perm less the umask, as path's own would be.
func create(path string, perm fs.FileMode) (*os.File, error) {
	dir, base := filepath.Split(path)
	// Names of up to 255 bytes are usual; a cut must not end inside a character.
	base = strings.ToValidUTF8(base[:min(len(base), 200)], "")
	for try := 0; ; try++ {
		name := fmt.Sprintf("%s.%s.%08x.tmp", dir, base, rand.Uint32())
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
		if !errors.Is(err, fs.ErrExist) || try == 100 {
			return f, err
		}
	}
}

// syncDir makes the rename itself durable. It is not needed for old or new to
// stand, and some file systems refuse it, so that errors do not count.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
