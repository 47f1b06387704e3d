package kernel

import "fmt"

// Check tells where g breaks its contract.
func (g *Gather) Check() error {
	return checkGather("gather", len(g.Mem), g.Src, len(g.Out), g.C, g.N, g.Pitch)
}

// Check tells where g breaks its contract.
func (g *GatherBytes) Check() error {
	return checkGather("gather of bytes", len(g.Mem), g.Src, len(g.Out), g.C, g.N, g.Pitch)
}

func checkGather(name string, mem int, src []int32, out, c, n, pitch int) error {
	if err := positive(name, "N", n); err != nil {
		return err
	}
	if pitch < n {
		return fmt.Errorf("%s: a pitch of %d, wanted at least the %d pixels of a plane", name, pitch, n)
	}
	if want := (c-1)*pitch + n; c > 0 && out < want {
		return fmt.Errorf("%s: Out has %d elements, wanted %d", name, out, want)
	}
	return planes{"Src", src, n, 0, 0}.check(name, mem, c)
}

func copyGather(g *Gather) { gather(g.Out, g.Mem, g.Src, g.N, g.Pitch) }

func copyGatherBytes(g *GatherBytes) { gather(g.Out, g.Mem, g.Src, g.N, g.Pitch) }

func gather[T float32 | byte](out, mem []T, src []int32, n, pitch int) {
	if n == 1 { // a vector: a call of copy for each element costs five times as much
		for c, off := range src {
			out[c*pitch] = mem[off]
		}
		return
	}
	for c, off := range src {
		copy(out[c*pitch:][:n], mem[off:][:n])
	}
}
