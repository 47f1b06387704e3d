package preprocess

import (
	"errors"
	"strings"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/bmp"
	"github.com/riffle-ml/riffle/engine/preprocess/internal/jpeg"
	"golang.org/x/image/tiff"
)

// formatError makes one line of a decoder's error and names the format once.
func formatError(name string, err error) error {
	var known *FormatError
	if errors.As(err, &known) {
		return known
	}
	msg := strings.ReplaceAll(err.Error(), "\n", " ")
	msg = strings.TrimPrefix(msg, name+": ")
	e := &FormatError{Format: name}
	var kinds struct {
		jpeg jpeg.UnsupportedError
		bmp  bmp.UnsupportedError
		tiff tiff.UnsupportedError
	}
	e.Unsupported = errors.As(err, &kinds.jpeg) || errors.As(err, &kinds.bmp) || errors.As(err, &kinds.tiff) ||
		strings.HasPrefix(msg, "unsupported feature: ")
	msg = strings.TrimPrefix(msg, "unsupported feature: ")
	e.Msg = strings.TrimPrefix(msg, "invalid format: ")
	return e
}
