package arm64

import "fmt"

// Local is 16 bytes of a function's frame, at a multiple of 16.
type Local struct{ n int } // the number, from 1

// Local takes 16 bytes of the frame. What is in them is not defined.
func (f *Func) Local() Local {
	// The return address lies below, and a frame with it is a multiple of 16.
	f.frame = max(f.frame, 8) + 16
	return Local{(f.frame - 8) / 16}
}

func (f *Func) local(l Local) string {
	if l.n < 1 || 16*l.n+8 > f.frame {
		f.fail("a local that is not its own")
	}
	return fmt.Sprintf("local%d-%d(SP)", l.n, 16*l.n)
}

// LoadLocal loads the 16 bytes of l.
func (f *Func) LoadLocal(l Local, dst V) { f.op("FMOVQ", f.local(l), f.useF(dst)) }

// StoreLocal stores 16 bytes in l.
func (f *Func) StoreLocal(src V, l Local) { f.op("FMOVQ", f.useF(src), f.local(l)) }
