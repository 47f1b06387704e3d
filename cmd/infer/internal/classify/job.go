package classify

import (
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"slices"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/infer/internal/explain"
	"github.com/riffle-ml/riffle/cmd/infer/internal/load"
	"github.com/riffle-ml/riffle/cmd/infer/internal/pictures"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/internal/npy"
)

// job is the pictures on their way.
type job struct {
	*options
	app     *app.App
	model   *load.Ready
	list    []pictures.Picture
	workers []*engine.Classifier
	usual   explain.Usual

	failed bool
	unread bool           // nobody reads the answers any more
	sheet  *explain.Sheet // nil without -explain-png
}

// prepare makes each worker's memory, and the drawing.
func (j *job) prepare(workers int) (err error) {
	j.usual = explain.UsualOf(j.model.Model)
	for range workers {
		c, err := j.model.NewClassifier()
		if err != nil {
			return app.ModelError(fmt.Errorf("%s: %w", j.flags.Title(), err))
		}
		j.workers = append(j.workers, c)
	}
	if j.draw != "" {
		routes := j.usual.Routes(j.workers[0].Session().Permutations())
		j.sheet, err = explain.NewSheet(j.flags.Title(), routes, len(j.list))
	}
	return err
}

func (j *job) close() {
	for _, c := range j.workers {
		c.Close()
	}
}

// result is an answer and what else is kept of a picture.
type result struct {
	answer
	embedding []float32
	thumbnail *image.RGBA
}

// run classifies every picture, prints the answers in order, and writes the embeddings
// to w, if there is one.
func (j *job) run(w io.Writer) error {
	rows, err := j.rows(w)
	if err != nil {
		return err
	}
	a := j.app
	bar := a.Bar(len(j.list), j.quiet)
	defer bar.Hide()
	err = app.Ordered(a.Ctx, len(j.workers), len(j.list), j.picture, func(i int, r result) error {
		if err := a.Ctx.Err(); err != nil {
			return err
		}
		bar.Hide()
		j.failed = j.failed || r.err != nil
		if j.sheet != nil && r.err == nil {
			j.sheet.Add(explain.Picture{Name: j.list[i].Name, Class: summary(r.top), Thumbnail: r.thumbnail, Routes: r.routes})
		}
		if rows != nil {
			if r.err != nil { // the rows that follow keep their places
				r.embedding = slices.Repeat([]float32{float32(math.NaN())}, app.Size(j.model.Embedding.Shape))
			}
			if err := rows.Write(r.embedding); err != nil {
				return err
			}
		}
		err := j.print(i, r.answer)
		bar.Set(i + 1)
		return err
	})
	if err != nil || rows == nil {
		return err
	}
	return rows.Close()
}

// print prints picture i's answer. Where the reader of the output has gone and there is a
// file to write, the file is still wanted.
func (j *job) print(i int, r answer) error {
	if j.unread {
		return nil
	}
	err := j.form.record(j.app, j.list[i].Name, r)
	if cli.ClosedPipe(err) && (j.embed != "" || j.sheet != nil) {
		j.unread = true
		return nil
	}
	return err
}

// rows begins the file of embeddings: a row for each picture.
func (j *job) rows(w io.Writer) (*npy.Writer, error) {
	if w == nil {
		return nil, nil
	}
	return npy.NewWriter(w, append([]int{len(j.list)}, flat(j.model.Embedding.Shape)...))
}

// flat is a shape without the sides of an image of one pixel: 1024 of 1024x1x1.
func flat(shape []int) []int {
	if len(shape) == 3 && shape[1] == 1 && shape[2] == 1 {
		return shape[:1]
	}
	return shape
}

// picture runs the network on picture i.
func (j *job) picture(worker, i int) (r result) {
	c := j.workers[worker]
	img, err := j.list[i].Open(j.app.Ctx, j.app.Stdin)
	if err != nil {
		r.err = err
		return r
	}
	if j.model.Classes {
		r.top, r.err = c.Classify(j.app.Ctx, img, j.k)
	} else {
		r.err = c.Run(j.app.Ctx, img)
	}
	if r.err != nil {
		return r
	}
	out := c.Outputs()
	if j.form.logits {
		r.logits = slices.Clone(out[:app.Size(j.model.Info().Outputs[0].Shape)])
	}
	if j.embed != "" {
		r.embedding = slices.Clone(out[j.model.At:][:app.Size(j.model.Embedding.Shape)])
	}
	if !finite(r.top) || !numbers(r.logits) || !numbers(r.embedding) {
		r.err = errors.New("the network's output is not a number")
		return r
	}
	if j.form.routes || j.sheet != nil {
		r.routes = j.usual.Routes(c.Session().Permutations())
	}
	if j.sheet != nil {
		r.thumbnail = explain.Thumbnail(img)
	}
	return r
}

func finite(top []engine.Prediction) bool {
	return !slices.ContainsFunc(top, func(p engine.Prediction) bool { return !number(p.Prob) })
}

func numbers(v []float32) bool {
	return !slices.ContainsFunc(v, func(x float32) bool { return !number(x) })
}

func number(x float32) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }

// summary is the best class, for the drawing.
func summary(top []engine.Prediction) string {
	if len(top) == 0 {
		return ""
	}
	return fmt.Sprintf("%s %.1f %%", className(top[0]), 100*top[0].Prob)
}
