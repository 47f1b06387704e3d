package arm64

import "fmt"

// Addr is a place in memory.
type Addr struct {
	base, index GP
	disp        int
	ext         string // of index: "", "SXTW"
	shift       int    // of index
	post        bool
}

// At is base + disp bytes.
func At(base GP, disp int) Addr { return Addr{base: base, disp: disp} }

// Post is base, to which step bytes are added afterwards.
func Post(base GP, step int) Addr { return Addr{base: base, disp: step, post: true} }

// Index is base + index<<shift bytes. shift is 0 or makes elements of the size
// that is loaded or stored.
func Index(base, index GP, shift int) Addr { return Addr{base: base, index: index, shift: shift} }

// IndexW is base + index<<shift bytes, where index is the register's low half,
// signed.
func IndexW(base, index GP, shift int) Addr {
	return Addr{base: base, index: index, shift: shift, ext: "SXTW"}
}

// addr writes an address for a load or store of one register of size bytes.
// Everything else would go through R27.
func (f *Func) addr(a Addr, size int) string {
	base := f.use(a.base)
	switch {
	case a.index.n != 0:
		if a.disp != 0 || a.post {
			f.fail("address with an index and %d bytes", a.disp)
		}
		index := f.use(a.index)
		if a.ext != "" {
			index += "." + a.ext
		}
		if a.shift != 0 {
			if 1<<a.shift != size {
				f.fail("address with an index shifted by %d, wanted 0 or elements of %d bytes", a.shift, size)
			}
			index += fmt.Sprintf("<<%d", a.shift)
		}
		return fmt.Sprintf("(%s)(%s)", base, index)
	case a.post:
		if a.disp < -256 || a.disp > 255 {
			f.fail("address that steps by %d, wanted -256 to 255", a.disp)
		}
	case a.disp >= -256 && a.disp <= 255:
	case a.disp < 0 || a.disp%size != 0 || a.disp/size > 4095:
		f.fail("address at %d(%v), wanted -256 to 255, or a multiple of %d up to %d", a.disp, a.base, size, 4095*size)
	}
	return displaced(a.disp, base)
}

// pair writes an address for a load or store of two registers of size bytes each.
func (f *Func) pair(a Addr, size int) string {
	if a.index.n != 0 {
		f.fail("address of a pair with an index")
	}
	if a.disp%size != 0 || a.disp < -64*size || a.disp > 63*size {
		f.fail("address of a pair at %d(%v), wanted a multiple of %d from %d to %d", a.disp, a.base, size, -64*size, 63*size)
	}
	return displaced(a.disp, f.use(a.base))
}

// plain writes an address that has to be a register alone, or post-indexed by
// just what is moved.
func (f *Func) plain(a Addr, bytes int) string {
	if a.index.n != 0 || !a.post && a.disp != 0 || a.post && a.disp != bytes {
		f.fail("address %+v, wanted a register alone, or one that steps by %d", a, bytes)
	}
	if a.post {
		return displaced(a.disp, f.use(a.base))
	}
	return displaced(0, f.use(a.base))
}

func displaced(disp int, base string) string {
	if disp == 0 {
		return "(" + base + ")"
	}
	return fmt.Sprintf("%d(%s)", disp, base)
}

// p is the mnemonic for an address: .P steps.
func (a Addr) p(name string) string {
	if a.post {
		return name + ".P"
	}
	return name
}
