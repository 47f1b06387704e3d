package preprocess

import (
	"bytes"
	"context"
	"io"
)

// interruptible is a reader that fails once its context is done.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i *interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}

// fed is a reader for decoders: it fails once the context is done.
func fed(ctx context.Context, b []byte) *interruptible {
	return &interruptible{ctx, bytes.NewReader(b)}
}
