// Package eval is infer eval: it measures a model's accuracy and speed on labelled
// pictures.
package eval

import (
	"fmt"
	"time"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/infer/internal/eval/cifar"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/engine"
)

// Run is the command.
func Run(a *app.App, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	model, err := o.model.Pictures(1, false) // each thread takes its own picture
	if err != nil {
		return err
	}
	defer model.Close()
	info := model.Info()
	data, err := o.open(&info)
	if err != nil {
		return err
	}
	if !o.quiet {
		if model.Note != "" {
			a.Note("eval", "%s", model.Note)
		}
		for _, note := range data.notes {
			a.Note("eval", "%s", note)
		}
	}
	var ref *reference
	if o.against != "" {
		if ref, err = readReference(o.against, model.Model, data.n); err != nil {
			return err
		}
	}
	r, err := o.evaluate(a, model.Model, data, ref)
	if err != nil {
		return err
	}
	if o.predictions != "" {
		if err := a.WriteFile(o.predictions, r.writePredictions); err != nil {
			return err
		}
	}
	text := r.text()
	if o.json {
		text = app.JSONLine(r.Report)
	}
	if err := a.Print(text); err != nil {
		return err
	}
	if r.Failed > 0 || r.Against != nil && !r.Against.agrees() {
		return app.ErrReported
	}
	return nil
}

func (o *options) open(info *engine.Info) (*dataset, error) {
	classes := classCount(info)
	switch {
	case o.ten != "":
		return cifarSet(o.ten, cifar.CIFAR10, classes, o.model.Threads)
	case o.hundred != "":
		return cifarSet(o.hundred, cifar.CIFAR100, classes, o.model.Threads)
	}
	return pictureSet(o.dir, o.list, o.classes, info.Labels, classes)
}

// evaluate runs the set; ref, if any, is what each picture is held against.
func (o *options) evaluate(a *app.App, model *engine.Model, data *dataset, ref *reference) (*evaluation, error) {
	info := model.Info()
	workers := min(o.model.Threads, data.n)
	judges := make([]*judge, workers)
	for i := range judges {
		c, err := model.NewClassifier()
		if err != nil {
			return nil, app.ModelError(fmt.Errorf("%s: %w", o.model.Title(), err))
		}
		defer c.Close()
		judges[i] = &judge{c, app.Size(info.Outputs[0].Shape)}
	}
	r := &evaluation{predicted: make([]int, data.n)}
	r.Model, r.ISA, r.Half, r.Threads, r.Data = o.model.Title(), info.ISA, info.HalfArithmetic, o.model.Threads, data.name
	if ref != nil {
		r.Against = &Agreement{File: ref.path, LogitBound: ref.bound, dynamic: len(ref.routes) > 0}
	}
	bar := a.Bar(data.n, o.quiet)
	defer bar.Hide()
	begin := time.Now()
	err := app.Ordered(a.Ctx, workers, data.n, func(w, i int) verdict {
		img, err := data.open(a.Ctx, w, i)
		if err != nil {
			return verdict{err: err}
		}
		v := judges[w].judge(a.Ctx, img, data.class(i))
		if ref != nil && v.err == nil {
			c, err := ref.compare(a.Ctx, judges[w], img, i, v.class)
			if err != nil {
				return verdict{err: err}
			}
			v.compared = &c
		}
		return v
	}, func(i int, v verdict) error {
		if err := a.Ctx.Err(); err != nil {
			return err
		}
		if v.err != nil {
			bar.Hide()
			fmt.Fprintf(a.Stderr, "infer eval: %s: %s\n", cli.Printable(data.title(i)), cli.OneLine(v.err))
			r.Failed++
			r.predicted[i] = -1
		} else {
			r.add(i, v)
			if v.compared != nil {
				r.Against.add(*v.compared)
			}
		}
		bar.Set(i + 1)
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.Seconds = time.Since(begin).Seconds()
	r.Speed = float64(data.n) / r.Seconds
	if r.Pictures > 0 {
		r.Top1Rate = float64(r.Top1) / float64(r.Pictures)
		r.Top5Rate = float64(r.Top5) / float64(r.Pictures)
	}
	return r, nil
}
