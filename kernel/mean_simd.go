//go:build (amd64 || arm64) && !purego

package kernel

// meanUnit is a unit of assembly that computes the means of blocks times so many
// planes: of vecs vectors of 8 pixels, and of a tail that a mask keeps.
type meanUnit = func(mem *float32, src *int32, dst *float32, tail *int32, blocks, vecs int, inv float32)

// meanUnits is what the driver of Mean needs of a set.
type meanUnits struct {
	set         string
	four, alone meanUnit // planes at a time
}

// meanPixels is more than any plane whose mean one call may take.
const meanPixels = 8 * callVectors

// unit is the driver's choice by name.
func (u *meanUnits) unit(m *Mean) string {
	if m.N > meanPixels {
		return ""
	}
	return "mean_" + u.set
}

func (u *meanUnits) run(m *Mean) {
	if m.N > meanPixels {
		refMean(m)
		return
	}
	vecs, inv := m.N/8, 1/float32(m.N)
	tail := &tailMask[8-m.N%8]
	for c := 0; c < m.C; {
		f, planes, blocks := u.four, 4, min((m.C-c)/4, max(1, callVectors/4/(vecs+1)))
		if blocks == 0 {
			f, planes, blocks = u.alone, 1, 1
		}
		f(&m.Mem[0], &m.Src[c], &m.Dst[c], tail, blocks, vecs, inv)
		c += planes * blocks
	}
}
