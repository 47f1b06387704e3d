// Package doctor is infer doctor: it says what riffle finds on a machine and whether the
// models built in run there, for a report to those who maintain riffle.
package doctor

import (
	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// Run is the command.
func Run(a *app.App, args []string) error {
	f := app.NewFlags()
	asJSON := f.Bool("json", false, "")
	rest, err := f.ParseAll(args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return cli.Usagef("got an argument %q, want flags alone", rest[0])
	}
	r := examine(a.Ctx)
	if err := a.Ctx.Err(); err != nil {
		return err
	}
	text := r.text()
	if *asJSON {
		text = app.JSONLine(r)
	}
	if err := a.Print(text); err != nil {
		return err
	}
	if !r.Well {
		return app.ErrReported
	}
	return nil
}
