package repository

import "context"

// Open scans the directory and loads what is there. A model that cannot be loaded is in
// the index; the error is that of a directory that cannot be read.
func Open(ctx context.Context, o Options) (*Repository, error) {
	r := &Repository{o: o, entries: map[string]*entry{}}
	return r, r.Scan(ctx)
}
