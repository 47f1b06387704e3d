package riffle

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// maxFile bounds a model's file, in bytes.
const maxFile = 4 << 30

// models are those that this worker has loaded, by Options.Model. They stay until the
// process ends: a worker is started for one pipeline.
var models struct {
	sync.Mutex
	loaded map[string]*engine.Model
}

// load returns a model, which it loads the first time. A failure is not kept: the runner
// tries again.
func load(ctx context.Context, name string) (*engine.Model, error) {
	models.Lock()
	defer models.Unlock()
	if m := models.loaded[name]; m != nil {
		return m, nil
	}
	b, err := read(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	m, err := engine.LoadBytes(b)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	if models.loaded == nil {
		models.loaded = map[string]*engine.Model{}
	}
	models.loaded[name] = m
	return m, nil
}

// read returns the bytes of an embedded model, or of a file.
func read(ctx context.Context, name string) ([]byte, error) {
	if name == "" {
		name = zoo.Default
	}
	if slices.Contains(zoo.Names(), name) {
		return zoo.Bytes(name)
	}
	fs, err := filesystem.New(ctx, name)
	if err != nil {
		return nil, err
	}
	defer fs.Close()
	r, err := fs.OpenRead(ctx, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("a file of more than %d bytes", int64(maxFile))
	}
	return b, err
}
