package convert

import (
	"errors"
	"fmt"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// report is -check: it prints all that stands in the way of the model, a line each, or
// what the model is. err is what became of reading and planning it.
func report(a *app.App, from string, info *engine.Info, err error) error {
	if err == nil {
		return a.Print(fmt.Sprintf("%s can be converted: input %s, %s, %s parameters, %s multiply-adds\n", cli.Printable(from),
			units.Dims(info.Input), app.Count(len(info.Nodes), "layer"), units.Thousands(int64(info.Parameters)), units.Thousands(info.MACs)))
	}
	all := parts(err)
	if len(all) < 2 {
		return err
	}
	for _, e := range all {
		if err := a.Print(cli.OneLine(e) + "\n"); err != nil {
			return err
		}
	}
	return app.ModelError(fmt.Errorf("%s cannot be converted for %d reasons", from, len(all)))
}

// parts are the errors that err joins, where the importer found several.
func parts(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var list []error
		for _, e := range joined.Unwrap() {
			var node *onnx.Error
			if errors.As(e, &node) {
				list = append(list, parts(e)...)
			}
		}
		if len(list) > 0 {
			return list
		}
		return []error{err}
	}
	if _, ok := err.(*onnx.Error); !ok {
		if next := errors.Unwrap(err); next != nil {
			if list := parts(next); len(list) > 1 {
				return list
			}
		}
	}
	return []error{err}
}
