package cifar

import (
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Files are binary files of one of the sets, of which single pictures are read, without
// their classes.
type Files struct {
	Name  string // of the set
	kind  Kind
	files []*os.File
	count []int // pictures
}

// ErrNone says that a path is neither one of the sets' files nor a directory of them.
var ErrNone = errors.New("no binary files of CIFAR-10 or CIFAR-100")

// OpenTraining opens a file in the binary version of either set, or the training files
// in a directory: the set's own one, or that above it. The error is [ErrNone] where path
// is something else. Close the files when done.
func OpenTraining(path string) (*Files, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		k, err := kindOf(path, info.Size())
		if err != nil {
			return nil, err
		}
		return open(k, []string{path})
	}
	for _, k := range []Kind{CIFAR10, CIFAR100} {
		for _, dir := range []string{path, filepath.Join(path, k.folder)} {
			list, err := filepath.Glob(filepath.Join(escape(dir), k.train))
			if err == nil && len(list) > 0 {
				return open(k, list)
			}
		}
	}
	return nil, fmt.Errorf("%s: %w", path, ErrNone)
}

// escape makes a directory's name one that Glob takes as it is.
func escape(dir string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}

// kindOf tells the sets apart by the length of their records. A length that suits both
// is CIFAR-10's.
func kindOf(path string, size int64) (Kind, error) {
	for _, k := range []Kind{CIFAR10, CIFAR100} {
		if filepath.Ext(path) == ".bin" && size > 0 && size%int64(k.record()) == 0 {
			return k, nil
		}
	}
	return Kind{}, fmt.Errorf("%s: %w", path, ErrNone)
}

func open(k Kind, paths []string) (*Files, error) {
	f := &Files{Name: k.Name, kind: k}
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			f.Close()
			return nil, err
		}
		f.files = append(f.files, file)
		info, err := file.Stat()
		if err == nil && (info.Size() == 0 || info.Size()%int64(k.record()) != 0) {
			err = fmt.Errorf("%s: got %d bytes, want a multiple of %d (%s)", path, info.Size(), k.record(), k.Name)
		}
		if err != nil {
			f.Close()
			return nil, err
		}
		f.count = append(f.count, int(info.Size())/k.record())
	}
	return f, nil
}

// Len is the number of pictures.
func (f *Files) Len() int {
	n := 0
	for _, c := range f.count {
		n += c
	}
	return n
}

// Image reads picture i, 0 <= i < Len, as [Set.Image] does.
func (f *Files) Image(i int, dst *image.NRGBA) (*image.NRGBA, error) {
	for k, c := range f.count {
		if i >= c {
			i -= c
			continue
		}
		b := make([]byte, 3*planeLen)
		if _, err := f.files[k].ReadAt(b, int64(i*f.kind.record()+f.kind.head)); err != nil {
			return nil, fmt.Errorf("%s: %w", f.files[k].Name(), err)
		}
		s := Set{planes: b}
		return s.Image(0, dst), nil
	}
	return nil, fmt.Errorf("%s: got picture %d, want 0 to %d: %w", f.Name, i, f.Len()-1, fs.ErrNotExist)
}

// Close closes the files.
func (f *Files) Close() {
	for _, file := range f.files {
		file.Close()
	}
}
