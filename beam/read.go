package riffle

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
)

// readFn reads files, in a step of its own, so that a runner may fuse it or spread it as
// it sees fit.
type readFn struct {
	Options Options
}

// ProcessElement reads one file.
func (fn *readFn) ProcessElement(ctx context.Context, f fileio.ReadableFile, emit func(Picture), fail func(Failure)) error {
	path := f.Metadata.Path
	if most := fn.Options.MaxBytes; most > 0 && f.Metadata.Size > most {
		failures.Inc(ctx, 1)
		fail(Failure{path, fmt.Sprintf("a file of %d bytes, want at most %d", f.Metadata.Size, most)})
		return nil
	}
	data, err := f.Read(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		failures.Inc(ctx, 1)
		fail(Failure{path, "the file is gone: " + err.Error()})
		return nil
	} else if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	emit(Picture{path, data})
	return nil
}
