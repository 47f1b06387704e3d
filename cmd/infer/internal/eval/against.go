package eval

import (
	"context"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/internal/safetensors"
)

// reference is what the trainer made of every picture of a set:
// train/routes.py has the form.
type reference struct {
	path    string
	logits  []float64 // n * classes
	margin  []float64 // n; nil for a network without dynamic nodes
	routes  [][]int   // of each dynamic node, n * pairs*(a+b)
	outputs int       // elements of the first output
	bound   float64   // of a logit's error, as a share of the picture's largest one
}

// readReference reads the file at path, which must be of n pictures and fit the model.
func readReference(path string, model *engine.Model, n int) (*reference, error) {
	arrays, _, err := safetensors.ReadFile(path)
	if err != nil {
		return nil, cli.Usagef("-against: %w", err)
	}
	info := model.Info()
	r := &reference{path: path, outputs: app.Size(info.Outputs[0].Shape), bound: logitBound(&info)}
	get := func(name string, per int) (*safetensors.Tensor, error) {
		a := arrays[name]
		if a == nil {
			return nil, cli.Usagef("%s: no tensor %q", path, name)
		}
		if a.Len() != n*per {
			return nil, cli.Usagef("%s: %s has %d values, want %d for %d pictures", path, name, a.Len(), n*per, n)
		}
		return a, nil
	}
	a, err := get("logits", r.outputs)
	if err != nil {
		return nil, err
	}
	r.logits = a.Float64()
	s, err := model.NewSession()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for k, p := range s.Permutations() {
		a, err := get(fmt.Sprintf("routes.%d", k), p.Pairs*(p.A+p.B))
		if err != nil {
			return nil, err
		}
		r.routes = append(r.routes, a.Ints())
	}
	if len(r.routes) > 0 {
		if a, err = get("margin", 1); err != nil {
			return nil, err
		}
		r.margin = a.Float64()
	}
	return r, nil
}

// logitBound is what the network's layers may lose, each two roundings a term
// of its longest sum, growing with the square root of their number, both sides
// rounding; as a share of the largest logit.
func logitBound(info *engine.Info) float64 {
	layers, longest := 0, 1.0
	for _, n := range info.Nodes {
		if n.MACs == 0 {
			continue
		}
		layers++
		size := 1
		for _, d := range n.Outputs[0] {
			size *= d
		}
		longest = max(longest, float64(n.MACs)/float64(size))
	}
	return float64(layers) * math.Sqrt(2*longest) * 0x1p-24
}

// routesOf returns what the trainer chose for picture i, as permutations of
// the nodes that own has.
func (r *reference) routesOf(i int, own []engine.Permutation) []engine.Permutation {
	out := slices.Clone(own)
	for k := range out {
		p := &out[k]
		per := p.Pairs * (p.A + p.B)
		p.Sigma, p.Tau = nil, nil
		for j, v := range r.routes[k][i*per:][:per] {
			if j%(p.A+p.B) < p.A {
				p.Sigma = append(p.Sigma, int32(v))
			} else {
				p.Tau = append(p.Tau, int32(v))
			}
		}
	}
	return out
}

// compare runs after judge: the classifier holds this picture's results.
func (r *reference) compare(ctx context.Context, j *judge, img image.Image, i int, predicted int) (comparison, error) {
	want := r.logits[i*r.outputs:][:r.outputs]
	c := comparison{margin: math.Inf(1)}
	largest := 0.0
	for _, v := range want {
		largest = max(largest, math.Abs(v))
	}
	if largest == 0 {
		largest = 1
	}
	score := want
	if r.outputs == 1 { // two classes, whose logits differ by that value
		score = []float64{0, want[0]}
	}
	best := 0
	for k, v := range score {
		if v > score[best] {
			best = k
		}
	}
	c.classDiffers = best != predicted
	for k, v := range score {
		c.closeCall = c.closeCall || k != best && score[best]-v <= 2*r.bound*largest
	}
	s := j.c.Session()
	if own := s.Permutations(); len(own) > 0 {
		c.margin = r.margin[i]
		theirs := r.routesOf(i, own)
		for k := range own {
			c.routesDiffer = c.routesDiffer || !slices.Equal(own[k].Sigma, theirs[k].Sigma) || !slices.Equal(own[k].Tau, theirs[k].Tau)
		}
		if c.routesDiffer {
			if err := s.Inject(theirs); err != nil {
				return c, fmt.Errorf("%s: %w", r.path, err)
			}
			err := j.c.Run(ctx, img)
			if e := s.Inject(nil); err == nil {
				err = e
			}
			if err != nil {
				return c, err
			}
		}
	}
	for k, v := range want {
		c.logits = max(c.logits, math.Abs(float64(j.c.Outputs()[k])-v)/largest)
	}
	return c, nil
}
