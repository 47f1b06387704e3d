package step

import (
	"math"

	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
)

// bands cuts the tiles of Winograd's algorithm into bands of whole rows.
type bands struct {
	size    int // a tile has size x size outputs
	columns int // tiles in a row
	rows    int // tile rows in a band; the last band may have fewer
	all     int // tile rows
}

// count is how many bands there are.
func (n *bands) count() int { return (n.all + n.rows - 1) / n.rows }

// elements is how many a transformed tile has.
func (n *bands) elements() int { return kernel.WinogradElements(n.size) }

// pitch is how many elements a row of a band's matrices has: its tiles, and what kernels
// may write behind them. Rows begin at cache lines, and not all at the same place of
// pages.
func (n *bands) pitch() int {
	p := (n.rows*n.columns + 7 + 15) &^ 15
	if p%256 == 0 {
		p += 16
	}
	return p
}

// step is how far apart a band's matrices of n channels lie, one for each element.
func (n *bands) step(channels int) int { return kernel.WinogradStep(channels, n.pitch()) }

// matrices is how many elements all of them take.
func (n *bands) matrices(channels int) int { return n.elements() * n.step(channels) }

const (
	// winogradRoom bounds a share's transformed tiles in elements. They are written and
	// read once or a few times, so that they may come from beyond L2; fewer and larger
	// bands read the weights less often.
	winogradRoom = 1280 << 10
	// winogradProducts bounds a share's products, which stay in an L2 of 1 MiB.
	winogradProducts = 128 << 10
	// winogradWeights bounds the transformed weights of a layer.
	winogradWeights = 16 << 20
	// winogradGain is by how much the model must find it faster.
	winogradGain = 1.1
)

// roughDepth is from how many input channels on tiles of 4 are good enough anywhere. They
// err by about three times as much as tiles of 2. An error of an early layer, which has few
// channels, grows in the layers that follow it, where nothing is added to their outputs:
// in VGG-16, four layers of up to 128 channels with tiles of 4 make up more than half of the
// logits' error, five of 256 and 512 channels a tenth.
const roughDepth = 129

// blockOf is how many output channels, of per elements each, are multiplied at a time.
func blockOf(m, per, tileRows int) int {
	return min(m, max(4, winogradProducts/per/tileRows)*tileRows)
}

// Pays chooses the tiles and the bands for g, by a model of the kernels, and says whether
// they are faster than g over shifted planes. n may be nil: then nothing is.
func (n *Winograd) Pays(b *plan.Builder, g *GEMM) bool {
	if n == nil {
		return false
	}
	sizes := []int{2, 4}
	if !n.Rough && g.K/9 < roughDepth {
		sizes = sizes[:1]
	}
	return n.pays(b, g, sizes, winogradGain)
}

// pays is Pays for tiles of some sizes, which must be faster by gain.
func (n *Winograd) pays(b *plan.Builder, g *GEMM, sizes []int, gain float64) bool {
	k, pixels := g.K/9, n.OH*n.OW
	best := float64(g.K)*b.Set.Cycles(g.M, pixels) + 3*copyCycles*float64(k*n.H*n.W) + weightCycles*float64(g.M*g.K)
	best /= gain
	pays := false
	for _, size := range sizes {
		call := kernel.WinogradInput{M: size}
		if kernel.IsReference(b.Set.Implementation(&call)) || kernel.WinogradElements(size)*g.M*k > winogradWeights {
			continue
		}
		c := bands{size: size, columns: (n.OW + size - 1) / size, all: (n.OH + size - 1) / size}
		for c.rows = 1; c.rows <= c.all; c.rows++ {
			if c.rows < c.all && c.rows*size*n.OW%8 > 0 { // a band's last store would spill into the next
				continue
			}
			if c.elements()*c.pitch()*k > winogradRoom || c.elements()*c.pitch()*min(g.M, 16) > winogradProducts {
				break
			}
			if cycles := c.cycles(b.Set, g.M, k, n.OW); cycles < best {
				best, n.bands, pays = cycles, c, true
			}
		}
	}
	return pays
}

// weightCycles is what it takes to read a weight from beyond L2.
const weightCycles = 4. / 6

// cycles models the whole step, in the unit of kernel.Set.Cycles. Measured on Zen 4.
func (n *bands) cycles(set *kernel.Set, m, k, ow int) float64 {
	in, out := 30.0, 30.0 // of a transform, for a vector of tiles
	if n.size == 4 {
		in, out = 150, 140
	}
	const call = 120 // of a unit of assembly: one for each phase and each output channel, and a few for each product
	e, phases := float64(n.elements()), float64(n.size*n.size)
	sum := 0.0
	for row := 0; row < n.all; row += n.rows {
		rows := min(n.rows, n.all-row)
		sum += e * (float64(k)*set.Cycles(m, rows*n.columns) + weightCycles*float64(m*k) + 2*call)
	}
	vectors := float64(n.all) * math.Ceil(float64(n.columns)/8)
	copied := phases * (copyCycles*float64((n.all+n.count())*(n.columns+1)) + call*float64(n.count()))
	stored := 1.5/8*float64(n.all*n.size*ow) + call*float64(n.count())
	return sum + float64(k)*(in*vectors+copied) + float64(m)*(out*vectors+stored)
}
