// Package cifar reads the binary version of the CIFAR-10 and CIFAR-100 data
// sets: records of one label byte (CIFAR-100: a coarse label, then a fine one)
// and 3 planes of 32 x 32 bytes, red, green, blue.
package cifar

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Size is the height and width of every picture.
const Size = 32

const planeLen = Size * Size

// Set is a loaded data set. It is only read, so any number of goroutines may use it.
type Set struct {
	Name   string   // "CIFAR-10", "CIFAR-100"
	Labels []string // class names, or nil where the folder has none
	class  []uint8
	planes []byte
}

// Kind describes one of the two sets.
type Kind struct {
	Name    string
	Classes int
	head    int // label bytes; the last one counts
	folder  string
	test    string
	train   string // a pattern
	names   string
}

// record is the length of a picture with its labels.
func (k Kind) record() int { return k.head + 3*planeLen }

// The two sets.
var (
	CIFAR10  = Kind{"CIFAR-10", 10, 1, "cifar-10-batches-bin", "test_batch.bin", "data_batch_*.bin", "batches.meta.txt"}
	CIFAR100 = Kind{"CIFAR-100", 100, 2, "cifar-100-binary", "test.bin", "train.bin", "fine_label_names.txt"}
)

// maxBytes bounds a file: ten times the largest real one's records would be
// more memory than an evaluation should take unasked.
const maxBytes = 1 << 30

// LoadTest reads the test split from dir, which is the set's own folder
// (cifar-10-batches-bin, cifar-100-binary), the folder above, or the file itself.
func LoadTest(dir string, k Kind) (*Set, error) {
	path, err := find(dir, k)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxBytes {
		return nil, fmt.Errorf("%s: got %d bytes, want at most %d", path, info.Size(), maxBytes)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s, err := Parse(data, k)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.Labels, err = readNames(filepath.Join(filepath.Dir(path), k.names), k.Classes)
	return s, err
}

func find(dir string, k Kind) (string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return dir, nil
	}
	for _, p := range []string{filepath.Join(dir, k.test), filepath.Join(dir, k.folder, k.test)} {
		if _, err := os.Stat(p); err == nil {
			return p, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return "", fmt.Errorf("%s: no %s in it or in its folder %s, want %s in its binary version", dir, k.test, k.folder, k.Name)
}

// Parse reads the records in data and keeps no reference to it.
func Parse(data []byte, k Kind) (*Set, error) {
	size := k.record()
	if len(data) == 0 || len(data)%size != 0 {
		return nil, fmt.Errorf("got %d bytes, want a multiple of %d (%s)", len(data), size, k.Name)
	}
	n := len(data) / size
	s := &Set{Name: k.Name, class: make([]uint8, n), planes: make([]byte, 0, n*3*planeLen)}
	for i := range n {
		r := data[i*size : (i+1)*size]
		c := r[k.head-1]
		if int(c) >= k.Classes {
			return nil, fmt.Errorf("record %d: got class %d, want 0 to %d (%s)", i, c, k.Classes-1, k.Name)
		}
		s.class[i] = c
		s.planes = append(s.planes, r[k.head:]...)
	}
	return s, nil
}

// readNames reads one class name a line; a file that is absent is no error.
func readNames(path string, classes int) ([]string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var names []string
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		if line := strings.TrimSpace(sc.Text()); line != "" {
			names = append(names, line)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(names) != classes {
		return nil, fmt.Errorf("%s: got %d names, want %d", path, len(names), classes)
	}
	return names, nil
}

// Len is the number of pictures.
func (s *Set) Len() int { return len(s.class) }

// Class is the true class of picture i.
func (s *Set) Class(i int) int { return int(s.class[i]) }

// Image writes picture i to dst, or to a new picture if dst is nil or no
// 32 x 32 one, and returns it.
func (s *Set) Image(i int, dst *image.NRGBA) *image.NRGBA {
	r := image.Rect(0, 0, Size, Size)
	if dst == nil || dst.Rect != r {
		dst = image.NewNRGBA(r)
	}
	p := s.planes[i*3*planeLen : (i+1)*3*planeLen]
	red, green, blue := p[:planeLen], p[planeLen:2*planeLen], p[2*planeLen:]
	for j := range planeLen {
		q := dst.Pix[dst.Stride*(j/Size)+4*(j%Size):][:4]
		q[0], q[1], q[2], q[3] = red[j], green[j], blue[j], 255
	}
	return dst
}
