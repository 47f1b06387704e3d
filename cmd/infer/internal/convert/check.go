package convert

import (
	"errors"
	"fmt"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/internal/modelfile"
	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// report is -check: it prints all that stands in the way of the model, a line each, or
// what the model is. Nothing is written. err is what became of reading the model.
func report(a *app.App, from string, m *weights.Model, err error) error {
	if err == nil {
		info, planned := plan(m)
		if planned == nil {
			return a.Print(fmt.Sprintf("%s: can be converted: input %s, %s, %s parameters, %s multiply-adds\n", cli.Printable(from),
				units.Dims(info.Input), app.Count(len(info.Nodes), "layer"), units.Thousands(int64(info.Parameters)), units.Thousands(info.MACs)))
		}
		err = app.ModelError(planned)
	}
	all := parts(err)
	if len(all) < 2 {
		return app.ModelError(modelfile.WithPath(from, err))
	}
	for _, e := range all {
		if err := a.Print(cli.OneLine(e) + "\n"); err != nil {
			return err
		}
	}
	return app.ModelError(fmt.Errorf("%s: %s", from, app.Count(len(all), "reason")+" not to convert it"))
}

// parts are the errors that err joins, where an importer found several.
func parts(err error) []error {
	for err != nil {
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
		next := errors.Unwrap(err)
		if next == nil {
			break
		}
		if _, ok := err.(*onnx.Error); ok {
			break
		}
		err = next
	}
	return []error{err}
}
