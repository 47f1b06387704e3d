package main

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/riffle-ml/riffle/cmd/infer/internal/cifar"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
)

// eval is infer eval: accuracy and speed on labelled pictures.
func (a *app) eval(args []string) error {
	var (
		f           = newFlags()
		m           modelFlags
		ten         = f.String("cifar10", "", "")
		hundred     = f.String("cifar100", "", "")
		predictions = f.String("predictions", "", "")
		against     = f.String("against", "", "")
		asJSON      = f.Bool("json", false, "")
		quiet       = f.Bool("q", false, "")
	)
	m.add(f)
	rest, err := f.parse(args)
	if err != nil {
		return err
	}
	if err := m.check(f); err != nil {
		return err
	}
	sets := len(rest)
	for _, s := range []string{*ten, *hundred} {
		if s != "" {
			sets++
		}
	}
	if sets != 1 {
		return usagef("got %d data sets, want one: -cifar10 DIR, -cifar100 DIR or a folder", sets)
	}
	model, err := m.loadForPictures(1) // each thread takes its own picture
	if err != nil {
		return err
	}
	defer model.Close()
	info := model.Info()
	classes := classCount(&info)
	var data *dataset
	switch {
	case *ten != "":
		data, err = cifarSet(*ten, cifar.CIFAR10, classes, m.threads)
	case *hundred != "":
		data, err = cifarSet(*hundred, cifar.CIFAR100, classes, m.threads)
	default:
		data, err = folderSet(rest[0], info.Labels, classes)
	}
	if err != nil {
		return err
	}
	var ref *reference
	if *against != "" {
		if ref, err = readReference(*against, model, data.n); err != nil {
			return err
		}
	}
	r, err := a.evaluate(&m, model, data, ref, *quiet)
	if err != nil {
		return err
	}
	if *predictions != "" {
		if err := a.writeFile(*predictions, r.writePredictions); err != nil {
			return err
		}
	}
	text := r.text()
	if *asJSON {
		text = jsonLine(r.report)
	}
	if err := a.print(text); err != nil {
		return err
	}
	if r.Failed > 0 || r.Against != nil && !r.Against.agrees() {
		return errSome
	}
	return nil
}

// classCount is the length of the first output, which holds the scores.
func classCount(info *engine.Info) int {
	n := 1
	for _, d := range info.Outputs[0].Shape {
		n *= d
	}
	return n
}

// report is what eval says; accuracy counts the pictures that did not fail.
type report struct {
	Model    string  `json:"model"`
	ISA      string  `json:"isa"`
	Threads  int     `json:"threads"`
	Data     string  `json:"data"`
	Pictures int     `json:"pictures"` // those that failed left out
	Failed   int     `json:"failed"`
	Top1     int     `json:"top1_right"`
	Top5     int     `json:"top5_right"`
	Top1Rate float64 `json:"top1"` // 0..1
	Top5Rate float64 `json:"top5"`
	Seconds  float64 `json:"seconds"`
	Speed    float64 `json:"pictures_per_second"`

	Against *agreement `json:"against,omitempty"`
}

type evaluation struct {
	report
	predicted []int // -1: failed
}

// judge is one worker's memory.
type judge struct {
	s       *engine.Session
	p       *preprocess.Preprocessor
	in, out []float32
	classes int
}

func newJudge(model *engine.Model, classes int) (*judge, error) {
	p, err := preprocess.New(model.Preprocess())
	if err != nil {
		return nil, err
	}
	s, err := model.NewSession()
	if err != nil {
		return nil, err
	}
	info := model.Info()
	return &judge{s, p, make([]float32, info.InputLen()), make([]float32, info.OutputLen()), classes}, nil
}

// verdict is what became of one picture.
type verdict struct {
	class int // predicted
	rank  int // of the true class, 0 the best
	err   error

	compared *comparison
}

func (j *judge) judge(a *app, img image.Image, class int) verdict {
	if err := j.p.Apply(j.in, img); err != nil {
		return verdict{err: err}
	}
	if err := j.s.Run(a.ctx, j.out, j.in); err != nil {
		return verdict{err: err}
	}
	return rank(j.out[:j.classes], class)
}

// rank finds the largest score and how many come before the true class. Of
// equal scores the lower class comes first.
func rank(score []float32, class int) verdict {
	var v verdict
	for i, s := range score {
		if s != s {
			return verdict{err: errors.New("the network's output is not a number")}
		}
		if s > score[v.class] {
			v.class = i
		}
		if s > score[class] || s == score[class] && i < class {
			v.rank++
		}
	}
	return v
}

// evaluate runs the set; ref, if any, is what each picture is held against.
func (a *app) evaluate(m *modelFlags, model *engine.Model, data *dataset, ref *reference, quiet bool) (*evaluation, error) {
	info := model.Info()
	classes := classCount(&info)
	workers := min(m.threads, data.n)
	judges := make([]*judge, workers)
	for i := range judges {
		j, err := newJudge(model, classes)
		if err != nil {
			return nil, modelError(fmt.Errorf("%s: %w", m.title(), err))
		}
		defer j.s.Close()
		judges[i] = j
	}
	r := &evaluation{predicted: make([]int, data.n)}
	r.Model, r.ISA, r.Threads, r.Data = m.title(), info.ISA, m.threads, data.name
	if ref != nil {
		r.Against = &agreement{File: ref.path, LogitBound: ref.bound, dynamic: len(ref.routes) > 0}
	}
	bar := newProgress(a.stderr, data.n, quiet)
	defer bar.hide()
	begin := time.Now()
	err := ordered(a.ctx, workers, data.n, func(w, i int) verdict {
		img, err := data.open(w, i)
		if err != nil {
			return verdict{err: err}
		}
		v := judges[w].judge(a, img, data.class(i))
		if ref != nil && v.err == nil {
			c, err := ref.compare(a.ctx, judges[w], i, v.class)
			if err != nil {
				return verdict{err: err}
			}
			v.compared = &c
		}
		return v
	}, func(i int, v verdict) error {
		if err := a.ctx.Err(); err != nil {
			return err
		}
		if v.err != nil {
			bar.hide()
			fmt.Fprintf(a.stderr, "infer eval: %s: %s\n", printable(data.title(i)), oneLine(v.err))
			r.Failed++
			r.predicted[i] = -1
		} else {
			r.add(i, v)
			if v.compared != nil {
				r.Against.add(*v.compared)
			}
		}
		bar.set(i + 1)
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

func (r *evaluation) add(i int, v verdict) {
	r.Pictures++
	r.predicted[i] = v.class
	if v.rank < 1 {
		r.Top1++
	}
	if v.rank < 5 {
		r.Top5++
	}
}

func (r *evaluation) text() string {
	var b strings.Builder
	threads := "threads"
	if r.Threads == 1 {
		threads = "thread"
	}
	fmt.Fprintf(&b, "model   %s, %s, %d %s\n", printable(r.Model), r.ISA, r.Threads, threads)
	fmt.Fprintf(&b, "data    %s, %d pictures", printable(r.Data), r.Pictures)
	if r.Failed > 0 {
		fmt.Fprintf(&b, " and %d that failed", r.Failed)
	}
	fmt.Fprintf(&b, "\ntop-1   %6.2f %%  (%d right)\n", 100*r.Top1Rate, r.Top1)
	fmt.Fprintf(&b, "top-5   %6.2f %%  (%d right)\n", 100*r.Top5Rate, r.Top5)
	fmt.Fprintf(&b, "speed   %.0f pictures/s  (%.2f s)\n", r.Speed, r.Seconds)
	if r.Against != nil {
		b.WriteString(r.Against.text())
	}
	return b.String()
}

func (r *evaluation) writePredictions(w io.Writer) error {
	b := bufio.NewWriter(w)
	for _, c := range r.predicted {
		b.WriteString(strconv.Itoa(c))
		b.WriteByte('\n')
	}
	return b.Flush()
}
