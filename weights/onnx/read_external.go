package onnx

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// beside reads tensors' data that lies in files beside the model's. Nothing outside the
// model's directory is opened, by whatever path or link, and nothing but regular files.
type beside struct {
	dir  string
	left int64 // bytes that may still be read
}

// load reads the data of a tensor that lies in another file.
func (b *beside) load(t *proto.Tensor) error {
	location, offset, _ := t.External()
	fail := func(format string, args ...any) error {
		return fmt.Errorf("tensor %q: data in file %q: "+format, append([]any{t.Name, location}, args...)...)
	}
	n, err := t.Bytes()
	if err != nil {
		return err
	}
	if b.left -= n; b.left < 0 || n > math.MaxInt {
		return fail("got more bytes of weights in all than a file may have, want fewer (WithMaxFile)")
	}
	path := filepath.FromSlash(location)
	if !filepath.IsLocal(path) {
		return fail("got a path that leaves the model's directory, want one inside it")
	}
	root, err := os.OpenRoot(b.dir)
	if err != nil {
		return fail("%w", err)
	}
	defer root.Close()
	info, err := root.Stat(path)
	switch {
	case err != nil:
		return fail("%w", err)
	case !info.Mode().IsRegular():
		return fail("got %v, want a regular file", info.Mode().Type())
	case offset < 0 || offset > info.Size()-n:
		return fail("got %d bytes at %d of %d, want them inside the file", n, offset, info.Size())
	}
	f, err := root.Open(path)
	if err != nil {
		return fail("%w", err)
	}
	defer f.Close()
	raw := make([]byte, n)
	if _, err := f.ReadAt(raw, offset); err != nil && (err != io.EOF || n > 0) {
		return fail("%w", err)
	}
	t.SetData(raw)
	return nil
}
