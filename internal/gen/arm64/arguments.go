package arm64

import "fmt"

// argument finds an argument or result of so many bytes.
func (f *Func) argument(name string, size int, result bool) string {
	for _, a := range f.sig.args {
		if a.name != name || a.result != result {
			continue
		}
		if a.size != size {
			f.fail("argument %s has %d bytes, wanted %d", name, a.size, size)
		}
		return fmt.Sprintf("%s+%d(FP)", name, a.off)
	}
	f.fail("it has no argument %s", name)
	return ""
}

// Load takes a register and loads the argument called name, of eight bytes, into it.
func (f *Func) Load(name string) GP {
	r := f.GP()
	f.LoadTo(name, r)
	return r
}

// LoadTo loads the argument called name, of eight bytes, into r.
func (f *Func) LoadTo(name string, r GP) {
	f.op("MOVD", f.argument(name, 8, false), f.use(r))
}

// Broadcast takes a register and loads the argument called name, a float32, into
// all of its lanes.
func (f *Func) Broadcast(name string) V {
	v := f.V()
	f.LoadS(name, v)
	f.VDUP(v, 0, v)
	return v
}

// LoadS loads the argument called name, a float32, into lane 0 of v; the others are 0.
func (f *Func) LoadS(name string, v V) {
	f.op("FMOVS", f.argument(name, 4, false), f.useF(v))
}

// Return stores r in the result called name.
func (f *Func) Return(r GP, name string) {
	f.op("MOVD", f.use(r), f.argument(name, 8, true))
}
