package classify

import (
	"path/filepath"
	"strings"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/infer/internal/load"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// options are what the command line says.
type options struct {
	flags       load.Flags
	form        form
	k           int
	quiet       bool
	version     bool
	draw, embed string // files to write
}

func parse(args []string) (*options, []string, error) {
	o, f := &options{}, app.NewFlags()
	f.IntVar(&o.k, "k", 5, "")
	f.BoolVar(&o.form.json, "json", false, "")
	f.BoolVar(&o.form.logits, "logits", false, "")
	f.BoolVar(&o.form.routes, "explain", false, "")
	f.BoolVar(&o.quiet, "q", false, "")
	f.BoolVar(&o.version, "version", false, "")
	f.StringVar(&o.draw, "explain-png", "", "")
	f.StringVar(&o.embed, "embed", "", "")
	o.flags.Add(f)
	names, err := f.ParseAll(args)
	if err != nil || o.version {
		return o, nil, err
	}
	switch {
	case o.k < 1:
		return nil, nil, cli.Usagef("-k: got %d, want at least 1", o.k)
	case f.IsSet("explain-png") && !ends(o.draw, ".png"):
		return nil, nil, cli.Usagef("-explain-png: got %q, want the name of the file to write, one that ends in .png", o.draw)
	case f.IsSet("embed") && !ends(o.embed, ".npy"):
		return nil, nil, cli.Usagef("-embed: got %q, want the name of the file to write, one that ends in .npy", o.embed)
	case len(names) == 0:
		return nil, nil, cli.Usagef("no picture given")
	}
	for _, name := range names {
		if ends(name, ".rfl") || ends(name, ".onnx") {
			return nil, nil, cli.Usagef("%s: got a model, want a picture; a model stands behind -m", cli.Printable(name))
		}
	}
	return o, names, o.flags.Check(f)
}

func ends(path, ext string) bool { return strings.EqualFold(filepath.Ext(path), ext) }
