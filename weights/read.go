package weights

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Read decodes a file in memory. It checks, in this order, size, checksums,
// limits, arithmetic, bounds and structure, and only then allocates tensors: at
// most twice the file's size for them. b is not kept. The error is a
// [FormatError]; Read never panics. A file that Read accepts is the file that
// [Model.Encode] makes of the result, byte for byte.
func Read(b []byte, opts ...Option) (*Model, error) {
	return read(fromMemory(b), opts)
}

func read(s *source, opts []Option) (*Model, error) {
	l := newLimits(opts)
	f, err := sections(s, &l)
	if err != nil {
		return nil, err
	}
	summed := f.checkSum(*s)
	d, err := f.document(&l)
	if bad := <-summed; bad != nil {
		return nil, bad
	}
	if err != nil {
		return nil, err
	}
	m := &Model{Name: d.Name, Graph: d.Graph, Labels: d.Labels, Preprocess: d.Preprocess, Provenance: d.Provenance}
	if m.Tensors, err = f.tensors(s, d.Tensors); err != nil {
		return nil, err
	}
	return m, nil
}

// ReadFile reads the file at path, as Read does. A regular file is read twice,
// a piece at a time, first for its checksum and then for its tensors; every piece
// must be the same both times, so that changing or cutting the file meanwhile is
// an error and no harm. Nothing of it is mapped. The error is a [FormatError] or the
// file system's, either way with the path in it.
func ReadFile(path string, opts ...Option) (*Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readFrom(f, path, opts)
}

// ReadFS reads the file called name in fsys, as [ReadFile] does; a file that cannot
// be read at any place (no io.ReaderAt) is read into memory first, no more than its
// header says and the limits allow. The error is a [FormatError] or fsys's own,
// either way with the name in it.
func ReadFS(fsys fs.FS, name string, opts ...Option) (*Model, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readFrom(f, name, opts)
}

// readFrom reads a file piece by piece if the file can be read at any place and says
// how long it is. Of any other file it reads the header, then as much as the header
// announces, and one byte more. Of a file that is no .rfl or is over the limits it reads
// nothing but the header.
func readFrom(f fs.File, name string, opts []Option) (*Model, error) {
	l := newLimits(opts)
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if st.IsDir() {
		return nil, bad(ErrNotRFL, name, "a directory", "a file")
	}
	if r, ok := f.(io.ReaderAt); ok && st.Mode().IsRegular() && st.Size() > 0 && st.Size() <= int64(l.file) {
		m, err := read(fromReader(r, int(st.Size())), opts)
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return m, err
	}
	b := make([]byte, headerSize)
	n, err := io.ReadFull(f, b)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	_, size, err := header(b[:n], &l)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var all bytes.Buffer
	all.Grow(int(max(0, min(int64(size), st.Size()))) + bytes.MinRead) // a pipe has no size
	all.Write(b)
	if _, err := all.ReadFrom(io.LimitReader(f, int64(size-headerSize)+1)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	m, err := Read(all.Bytes(), opts...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}
