package eval

import (
	"context"
	"errors"
	"image"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/engine"
)

// judge is one worker's memory.
type judge struct {
	c       *engine.Classifier
	outputs int
}

// classCount is how many classes the first output tells apart. One output tells two
// apart: below and above a probability of a half.
func classCount(info *engine.Info) int { return max(2, app.Size(info.Outputs[0].Shape)) }

// verdict is what became of one picture.
type verdict struct {
	class int // predicted
	rank  int // of the true class, 0 the best
	err   error

	compared *comparison
}

func (j *judge) judge(ctx context.Context, img image.Image, class int) verdict {
	if j.outputs > 1 {
		if err := j.c.Run(ctx, img); err != nil {
			return verdict{err: err}
		}
		return rank(j.c.Outputs()[:j.outputs], class)
	}
	top, err := j.c.Classify(ctx, img, 2)
	if err != nil {
		return verdict{err: err}
	}
	p := top[0].Prob // of the one class that has a label, if any has
	if len(top) == 2 && top[0].Class == 0 {
		p = top[1].Prob
	}
	return rank([]float32{1 - p, p}, class)
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
