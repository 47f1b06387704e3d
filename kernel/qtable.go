package kernel

import "fmt"

// QTable replaces each element by what a table of 256 has for it:
//
//	Dst[c][p] = Table[Src[c][p]]
//
// It is any activation between two scales, and any change of scale. Dst may be Src. Reads
// and writes reach to N rounded up to 64.
type QTable struct {
	Mem      []byte
	Src, Dst []int32 // C plane offsets each
	Table    []byte  // 256 values
	C, N     int
}

// Check tells where t breaks its contract.
func (t *QTable) Check() error {
	const name = "qtable"
	if err := positive(name, "N", t.N); err != nil {
		return err
	}
	if len(t.Table) != 256 {
		return fmt.Errorf("%s: Table has %d values, wanted 256", name, len(t.Table))
	}
	return checkMove(name, len(t.Mem), t.Src, t.Dst, t.C, t.N)
}

func refQTable(t *QTable) {
	table := (*[256]byte)(t.Table)
	for c := range t.C {
		x, y := t.Mem[t.Src[c]:][:t.N], t.Mem[t.Dst[c]:][:t.N]
		for p, v := range x {
			y[p] = table[v]
		}
	}
}
