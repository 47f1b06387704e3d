package weights

import (
	"io"
	"io/fs"
	"time"
)

// ReadStream reads a model from r, as [Read] does: the header, then as much as the
// header announces, and one byte more, which must be missing. No more is read than the
// limits allow. The error is a [FormatError] or r's own.
func ReadStream(r io.Reader, opts ...Option) (*Model, error) {
	return readFrom(stream{r}, "stream", opts)
}

// stream is a file that is read from its beginning to its end, once.
type stream struct{ io.Reader }

func (stream) Close() error               { return nil }
func (stream) Stat() (fs.FileInfo, error) { return streamInfo{}, nil }

// streamInfo says that nothing is known before it is read.
type streamInfo struct{}

func (streamInfo) Name() string       { return "stream" }
func (streamInfo) Size() int64        { return 0 }
func (streamInfo) Mode() fs.FileMode  { return fs.ModeNamedPipe }
func (streamInfo) ModTime() time.Time { return time.Time{} }
func (streamInfo) IsDir() bool        { return false }
func (streamInfo) Sys() any           { return nil }
