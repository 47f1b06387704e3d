package eval

import (
	"context"
	"errors"
	"image"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/infer/internal/load"
	"github.com/riffle-ml/riffle/engine"
)

// judge is one worker's memory.
type judge struct {
	c       *load.Classifier
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
	top, err := j.c.Classify(ctx, img, 1)
	if err != nil {
		return verdict{err: err}
	}
	score := j.c.Outputs()[:j.outputs]
	if j.outputs == 1 {
		score = []float32{1 - top[0].Prob, top[0].Prob}
	}
	return rank(score, class)
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
