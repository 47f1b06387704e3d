package eval

import (
	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/infer/internal/load"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// options are what the command line says.
type options struct {
	model                load.Flags
	ten, hundred, dir    string // where the pictures are: one of these
	list, classes        string // what else says the classes of those in dir
	predictions, against string
	json, quiet          bool
}

func parse(args []string) (*options, error) {
	o, f := &options{}, app.NewFlags()
	f.StringVar(&o.ten, "cifar10", "", "")
	f.StringVar(&o.hundred, "cifar100", "", "")
	f.StringVar(&o.list, "list", "", "")
	f.StringVar(&o.classes, "classes", "", "")
	f.StringVar(&o.predictions, "predictions", "", "")
	f.StringVar(&o.against, "against", "", "")
	f.BoolVar(&o.json, "json", false, "")
	f.BoolVar(&o.quiet, "q", false, "")
	o.model.Add(f)
	rest, err := f.ParseAll(args)
	if err != nil {
		return nil, err
	}
	if err := o.model.Check(f); err != nil {
		return nil, err
	}
	sets := len(rest)
	for _, s := range []string{o.ten, o.hundred} {
		if s != "" {
			sets++
		}
	}
	if sets != 1 {
		return nil, cli.Usagef("got %d data sets, want one: -cifar10 DIR, -cifar100 DIR, a directory or an archive", sets)
	}
	if len(rest) == 1 {
		o.dir = rest[0]
	} else if o.list != "" || o.classes != "" {
		return nil, cli.Usagef("-list and -classes are for a directory or an archive, and CIFAR's files say their classes")
	}
	return o, nil
}
