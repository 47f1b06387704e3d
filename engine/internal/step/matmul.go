package step

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// MatMul is a product of two tensors: for each group an M x K matrix times a K x N matrix.
type MatMul struct {
	plan.Label
	Groups, M, K, N int
	A               plan.Tensor // Groups*M planes of K pixels, the rows; with Columns Groups*K planes of M pixels
	Columns         bool
	B               plan.Tensor // Groups*K planes of N pixels, the rows
	Act             kernel.Activation
}

// Add adds the step and returns its output, Groups*M planes of N pixels. The first matrix
// takes the place of a GEMM's weights: it is packed in each run, in blocks of rows that
// stay in the nearest cache.
func (m *MatMul) Add(b *plan.Builder) plan.Tensor {
	out := b.NewPlanes(weights.Float32, m.Groups*m.M, m.N)
	tile := b.Set.TileFor(m.M, m.N)
	work := limit.Product(m.Groups, m.M, m.K, m.N)
	least := (m.Groups*m.M + b.Threads - 1) / b.Threads // rows of a share, or fewer
	rows := max(1, min(blockBytes/4/m.K, least, m.M)/tile.Rows) * tile.Rows
	t := &matMulStep{MatMul: *m, tile: tile, rows: rows, blocks: (m.M + rows - 1) / rows}
	parts := min(t.Groups*t.blocks, plan.PartsFor(b.Threads, work))
	t.packed = b.Use(b.NewPlanes(weights.Float32, parts, rows*m.K))
	if t.panel = b.Set.PanelLen(m.M, m.K, m.N); t.panel > 0 {
		t.panels = b.Use(b.NewPlanes(weights.Float32, parts, t.panel))
	}
	t.bias = make([]float32, m.M)
	t.a, t.b, t.c = b.Use(m.A), b.Use(m.B), b.Use(out)
	b.Add(m.Label, work, parts, t)
	return out
}

type matMulStep struct {
	MatMul
	tile           kernel.Tile
	rows, blocks   int // of a block that is packed at once; of a group
	bias           []float32
	a, b, c        plan.TableID
	packed, panels plan.TableID // each share's
	panel          int          // elements; 0: none
}

func (t *matMulStep) Run(w *plan.Worker, s plan.Share) {
	lo, hi := s.Span(t.Groups*t.blocks, 1)
	a, b, c := w.Table(t.a), w.Table(t.b), w.Table(t.c)
	packed := w.Arena[w.Table(t.packed)[s.Index]:][:t.rows*t.K]
	var panel []float32
	if t.panel > 0 {
		panel = w.Arena[w.Table(t.panels)[s.Index]:][:t.panel]
	}
	for i := lo; i < hi; i++ {
		g, m0 := i/t.blocks, i%t.blocks*t.rows
		m := min(t.rows, t.M-m0)
		for at := 0; at < m; at += t.tile.Rows {
			n := min(t.tile.Rows, m-at)
			tile := packed[at*t.K:][:n*t.K]
			if t.Columns {
				packColumns(tile, w.Arena, a[g*t.K:][:t.K], m0+at, n)
			} else {
				packRows(tile, w.Arena, a[g*t.M+m0+at:][:n], t.K)
			}
		}
		k := &w.Args.GEMM
		*k = kernel.GEMM{
			Mem: w.Arena, Tile: t.tile, A: packed[:m*t.K], B: b[g*t.K:][:t.K], C: c[g*t.M+m0:][:m], M: m, K: t.K, N: t.N, Panel: panel,
			Epilogue: kernel.Epilogue{Bias: t.bias[:m], Act: t.Act},
		}
		w.Set.GEMM(k)
	}
}

// packRows packs planes of k pixels, the rows of a tile, as kernel.PackA does.
func packRows(tile, mem []float32, rows []int32, k int) {
	n := len(rows)
	for i, at := range rows {
		for j, v := range mem[at:][:k] {
			tile[j*n+i] = v
		}
	}
}

// packColumns packs n rows from row m on of a matrix whose columns are planes.
func packColumns(tile, mem []float32, columns []int32, m, n int) {
	for j, at := range columns {
		copy(tile[j*n:][:n], mem[int(at)+m:])
	}
}

func (t *matMulStep) Describe() plan.Description {
	return plan.Description{
		Kernel: fmt.Sprintf("matmul%s %d*%dx%dx%d", t.tile, t.Groups, t.M, t.K, t.N), Kind: "matmul", Tile: t.tile.String(),
		Sizes: []int{t.Groups, t.M, t.K, t.N}, Call: &kernel.GEMM{Tile: t.tile, M: t.M, K: t.K, N: t.N},
		MACs:  limit.Product(t.Groups, t.M, t.K, t.N),
		Bytes: 4 * limit.Product(t.Groups, t.M*t.K+t.K*t.N+t.M*t.N),
	}
}
