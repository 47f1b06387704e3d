// Package inspect is infer inspect: it says what is in a model file.
package inspect

import (
	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// Run is the command.
func Run(a *app.App, args []string) error {
	var (
		f      = app.NewFlags()
		name   = f.String("m", "", "")
		asJSON = f.Bool("json", false, "")
		nodes  = f.Bool("nodes", true, "")
	)
	rest, err := f.ParseAll(args)
	if err != nil {
		return err
	}
	if *name != "" {
		rest = append(rest, *name)
	}
	if len(rest) != 1 {
		return cli.Usagef("got %d models, want one", len(rest))
	}
	s, err := summarize(rest[0])
	if err != nil {
		return err
	}
	if !*nodes {
		s.Nodes = nil
	}
	if *asJSON {
		return a.Print(app.JSONLine(s))
	}
	return a.Print(s.text())
}
