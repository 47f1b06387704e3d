package jpeg

// choose finds what decodes one block of this scan.
func (s *scan) choose() error {
	switch {
	case !s.frame.Progressive && s.arith == nil:
		s.decodeUnit = (*scan).sequential
	case !s.frame.Progressive:
		s.decodeUnit = (*scan).sequentialArithmetic
	case s.arith != nil && s.ss == 0 && s.ah == 0:
		s.decodeUnit = (*scan).firstDCArithmetic
	case s.arith != nil && s.ss == 0:
		s.decodeUnit = (*scan).refineDCArithmetic
	case s.arith != nil && s.ah == 0:
		s.decodeUnit = (*scan).firstACArithmetic
	case s.arith != nil:
		s.decodeUnit = (*scan).refineACArithmetic
	case s.ss == 0 && s.ah == 0:
		s.decodeUnit = (*scan).firstDC
	case s.ss == 0:
		s.decodeUnit = (*scan).refineDC
	case s.ah == 0:
		s.decodeUnit = (*scan).firstAC
	default:
		s.decodeUnit = (*scan).refineAC
	}
	return nil
}

// sequential decodes a block of Huffman codes (T.81, F.2.2) straight to samples.
func (s *scan) sequential(c *component, bx, by int) error {
	b := &s.block
	at := (by*c.stride + bx) * c.size
	if s.stopped {
		flat(c.plane[at:], c.stride, c.size, 0)
		return nil
	}
	size := int(c.dc.symbol(&s.r) & 15)
	c.pred += extend(s.r.take(size), size)
	b[0] = c.pred * int32(c.quant[0])
	nonzero := s.coefficients(c)
	if nonzero == 0 {
		flat(c.plane[at:], c.stride, c.size, b[0])
		return nil
	}
	inverse(c.plane[at:], c.stride, c.size, b, nonzero)
	*b = [64]int32{}
	return nil
}

// coefficients decodes the AC coefficients of s.block and multiplies them by the
// quantization table. Bit z of the result says that b[z] holds one.
func (s *scan) coefficients(c *component) (nonzero uint64) {
	r, b, q, table := &s.r, &s.block, c.quant, c.ac
	// The reader's state in locals, which the compiler keeps in registers.
	acc, n := r.acc, r.n
	for k := 1; k < 64; {
		if n < 32 { // a code of 16 bits and a number of 15
			if v, ok := r.eight(); ok {
				acc |= v >> n
				taken := (64 - n) >> 3
				r.pos += taken
				n += 8 * taken
			} else {
				r.acc, r.n = acc, n
				r.fillSlow()
				acc, n = r.acc, r.n
			}
		}
		e := table.lut[acc>>(64-lutBits)]
		var value int32
		if e&hasNumber != 0 {
			l := int(e & 31)
			acc <<= l
			n -= l
			k += int(e >> 12 & 15)
			value = int32(e) >> 16
		} else {
			symbol, l := byte(e>>8), int(e&31)
			if e == 0 {
				symbol, l = table.long(uint32(acc >> 48))
			}
			acc <<= l
			n -= l
			size := int(symbol & 15)
			if size == 0 {
				if symbol != 0xf0 {
					break // the rest is zero
				}
				k += 16
				continue
			}
			k += int(symbol >> 4)
			value = extend(int32(acc>>(64-size)), size)
			acc <<= size
			n -= size
		}
		z := zigzag[k&127] & 63
		b[z] = value * int32(q[z])
		nonzero |= 1 << z
		k++
	}
	r.acc, r.n = acc, n
	return nonzero
}
