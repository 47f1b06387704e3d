package predict

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/network"
	"github.com/riffle-ml/riffle/serve/internal/oip"
)

// layer is an output of the network as it computes it.
type layer struct {
	name   string
	shape  []int64
	at     int // where it begins among a sample's outputs
	len    int // of a sample
	floats []float32
}

func newLayer(n *network.Network, k int, name string, samples int) *layer {
	l := &layer{name: name, shape: []int64{int64(samples)}}
	for i, o := range n.Info.Outputs[:k+1] {
		l.at += l.len
		l.len = 1
		for _, d := range o.Shape {
			l.len *= d
			if i == k {
				l.shape = append(l.shape, int64(d))
			}
		}
	}
	return l
}

// size counts a number's 4 bytes, and the text that it may become.
func (l *layer) size() int64 { return l.shape[0] * int64(l.len) * (4 + 16) }

func (l *layer) take(i int, x *network.Runner, _ *[len(stages)]time.Duration) error {
	if l.floats == nil {
		l.floats = make([]float32, l.shape[0]*int64(l.len))
	}
	copy(l.floats[i*l.len:(i+1)*l.len], x.Dst[l.at:])
	return nil
}

func (l *layer) tensor() oip.Tensor {
	return oip.Tensor{Name: l.name, Datatype: oip.FP32, Shape: l.shape, Floats: l.floats}
}

// classification is the classification extension: an output's k largest elements as
// "value:index" or "value:index:label".
type classification struct {
	*layer // of which the numbers are not kept
	labels []string
	k      int
	text   [][]byte
}

func newClassification(n *network.Network, k int, name string, samples int, best int64) *classification {
	c := &classification{layer: newLayer(n, k, name, samples)}
	if k == 0 {
		c.labels = n.Info.Labels
	}
	c.k = int(min(best, int64(c.len)))
	return c
}

// size counts a slice, and the text twice.
func (c *classification) size() int64 { return c.shape[0] * int64(c.k) * (24 + 2*64) }

func (c *classification) take(i int, x *network.Runner, _ *[len(stages)]time.Duration) error {
	if c.text == nil {
		c.text = make([][]byte, c.shape[0]*int64(c.k))
	}
	v := x.Dst[c.at : c.at+c.len]
	order := make([]int, len(v))
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(v[b], v[a]) })
	for j, class := range order[:c.k] {
		text := fmt.Sprintf("%f:%d", v[class], class)
		if class < len(c.labels) {
			text += ":" + c.labels[class]
		}
		c.text[i*c.k+j] = []byte(text)
	}
	return nil
}

func (c *classification) tensor() oip.Tensor {
	return oip.Tensor{Name: c.name, Datatype: oip.BYTES, Shape: []int64{c.shape[0], int64(c.k)}, Strings: c.text}
}
