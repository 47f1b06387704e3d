package pictures

import (
	"errors"
	"image"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/riffle-ml/riffle/engine/preprocess"
)

// Picture is one picture, or the reason why there is none.
type Picture struct {
	Name string // as the user may recognise it; "-" is standard input
	err  error
}

// endings are the names' extensions, of each format that preprocess may decode.
var endings = map[string][]string{
	"png": {".png"}, "jpeg": {".jpg", ".jpeg", ".jfif"}, "gif": {".gif"}, "webp": {".webp"},
	"bmp": {".bmp"}, "tiff": {".tif", ".tiff"},
}

var isEnding = func() map[string]bool {
	m := map[string]bool{}
	for _, format := range preprocess.Formats() {
		m["."+format] = true
		for _, e := range endings[format] {
			m[e] = true
		}
	}
	return m
}()

// isPicture goes by the extension: a directory holds other things, too.
func isPicture(name string) bool { return isEnding[strings.ToLower(filepath.Ext(name))] }

// Open decodes the picture. Errors do not name it.
func (p Picture) Open(stdin io.Reader) (image.Image, error) {
	if p.err != nil {
		return nil, p.err
	}
	r := stdin
	if p.Name != "-" {
		f, err := os.Open(p.Name)
		if err != nil {
			return nil, bare(err)
		}
		defer f.Close()
		r = f
	}
	img, _, err := preprocess.Decode(r, preprocess.Options{})
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
