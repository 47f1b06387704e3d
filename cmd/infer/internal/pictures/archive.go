package pictures

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// maxArchive bounds what an archive may unpack to, as its pictures are kept in memory.
const maxArchive = 1 << 30

// Archive appends the pictures of a tar archive, gzipped or not, in its order, those that
// wanted accepts by the names they have there. They are read into memory. Links, hidden
// files, and files that are not called like pictures are left out, the last ones counted.
func (l *List) Archive(file string, wanted func(name string) bool) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := l.archive(f, wanted, maxArchive); err != nil {
		return fmt.Errorf("%s: %w", file, bare(err))
	}
	return nil
}

func (l *List) archive(f io.Reader, wanted func(name string) bool, most int64) error {
	packed := bufio.NewReader(f)
	var r io.Reader = packed
	if head, _ := packed.Peek(2); string(head) == "\x1f\x8b" {
		z, err := gzip.NewReader(packed)
		if err != nil {
			return noArchive(err)
		}
		defer z.Close()
		r = z
	}
	// A byte more than is allowed: a longer archive ends within a block then, and never
	// between two entries, where it would look as if it were all there.
	left := &io.LimitedReader{R: r, N: most + 1}
	t, room := tar.NewReader(left), most
	for {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		var data []byte
		if err == nil {
			if h.Typeflag != tar.TypeReg || strings.HasPrefix(path.Base(h.Name), ".") {
				continue
			}
			if !isPicture(h.Name) {
				l.Skipped++
				l.Example = h.Name
				continue
			}
			if !wanted(h.Name) {
				continue
			}
			// A header may claim any length, and a sparse file has more bytes than the archive.
			data, err = io.ReadAll(io.LimitReader(t, room+1))
			room -= int64(len(data))
		}
		if err != nil || room < 0 {
			if left.N <= 0 || room < 0 {
				return fmt.Errorf("got more than %d bytes in this archive, want at most so many", most)
			}
			return noArchive(err)
		}
		l.All = append(l.All, Picture{Name: h.Name, data: data})
	}
}

func noArchive(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it ends too early")
	}
	return fmt.Errorf("not a tar archive, gzipped or not: %w", err)
}
