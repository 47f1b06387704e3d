package pictures

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/engine/preprocess"
)

// Picture is one picture, or the reason why there is none.
type Picture struct {
	Name string // as the user may recognise it; "-" is standard input
	data []byte // the file, of a picture that was read out of an archive
	err  error
}

// isPicture goes by the extension: a directory holds other things, too.
func isPicture(name string) bool {
	return slices.Contains(extensions, strings.ToLower(filepath.Ext(name)))
}

var extensions = preprocess.Extensions()

// Open decodes the picture, which ctx may end. Errors do not name it.
func (p Picture) Open(ctx context.Context, stdin io.Reader) (image.Image, error) {
	if p.err != nil {
		return nil, p.err
	}
	r := stdin
	switch {
	case p.data != nil:
		r = bytes.NewReader(p.data)
	case p.Name != "-":
		f, err := os.Open(p.Name)
		if err != nil {
			return nil, bare(err)
		}
		defer f.Close()
		r = f
	}
	img, _, err := preprocess.DecodeContext(ctx, r, preprocess.Options{})
	return img, bare(err)
}

// bare drops the file's name from an error of the os package: records and
// messages name it already.
func bare(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
