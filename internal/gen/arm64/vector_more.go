package arm64

// VONES sets all bits of d to 1.
func (f *Func) VONES(d V) { f.op("VMOVI", "$255", f.arr(d, "B16")) }
