package jpeg

// The blocks of arithmetic coding: sequential (T.81, F.2.4) and progressive
// (G.2.3). Bins are numbered as in tables F.4 and F.5.

const mostMagnitude = 1 << 15

// magnitude decodes how large a number is, less one, and that it is at least 2 is
// known: e is the bin of its category, e+14 that of its bits.
func (s *scan) magnitude(bins []estimate, at, m int) (v int, ok bool) {
	for s.arith.decide(&s.r, &bins[at]) != 0 {
		if m <<= 1; m == mostMagnitude {
			s.arith.failed = true
			return 0, false
		}
		at++
	}
	return s.low(bins, at+14, m), true
}

// low decodes the bits of a number below its highest, m.
func (s *scan) low(bins []estimate, at, m int) int {
	v := m
	for m >>= 1; m != 0; m >>= 1 {
		if s.arith.decide(&s.r, &bins[at]) != 0 {
			v |= m
		}
	}
	return v
}

// difference decodes a DC difference and adds it to the prediction.
func (s *scan) difference(c *component) bool {
	m, bins := s.arith, s.arith.dc[c.dcAt][:]
	at := c.context
	c.context = 0
	if m.decide(&s.r, &bins[at]) == 0 {
		return true
	}
	sign := m.decide(&s.r, &bins[at+1])
	v := 0
	if at += 2 + sign; m.decide(&s.r, &bins[at]) != 0 {
		var ok bool
		if v, ok = s.magnitude(bins, 20, 1); !ok {
			return false
		}
	}
	switch high := highest(v); {
	case high > 1<<s.dcHigh[c.dcAt]>>1:
		c.context = 12 + 4*sign
	case high >= 1<<s.dcLow[c.dcAt]>>1:
		c.context = 4 + 4*sign
	}
	if v++; sign != 0 {
		v = -v
	}
	c.pred += int32(v)
	return true
}

// highest is v's highest bit, alone.
func highest(v int) int {
	h := 0
	for m := 1; m <= v; m <<= 1 {
		h = m
	}
	return h
}

// coefficient decodes the AC coefficient k, of which it is known that it is not 0.
func (s *scan) coefficient(c *component, k int) (int32, bool) {
	m, bins := s.arith, s.arith.ac[c.acAt][:]
	sign := m.decide(&s.r, &m.fixed)
	at, v := 3*(k-1)+2, 0
	if m.decide(&s.r, &bins[at]) != 0 {
		if v = 1; m.decide(&s.r, &bins[at]) != 0 {
			at = 217
			if k <= int(s.acBound[c.acAt]) {
				at = 189
			}
			var ok bool
			if v, ok = s.magnitude(bins, at, 2); !ok {
				return 0, false
			}
		}
	}
	if v++; sign != 0 {
		v = -v
	}
	return int32(v), true
}

// walk decodes the AC coefficients first to se of a block that is empty so far.
func (s *scan) walk(c *component, first int, found func(k int, v int32)) {
	m, bins := s.arith, s.arith.ac[c.acAt][:]
	for k := first; k <= s.se; k++ {
		if m.decide(&s.r, &bins[3*(k-1)]) != 0 {
			return // the rest is zero
		}
		for m.decide(&s.r, &bins[3*(k-1)+1]) == 0 {
			if k++; k > s.se {
				m.failed = true
				return
			}
		}
		v, ok := s.coefficient(c, k)
		if !ok {
			return
		}
		found(k, v)
	}
}

// sequentialArithmetic decodes a block straight to samples: some eight times the
// work of one that a progressive scan looks at.
func (s *scan) sequentialArithmetic(c *component, bx, by int) error {
	if err := s.visit(8); err != nil {
		return err
	}
	at := (by*c.stride + bx) * c.size
	if s.stopped || s.arith.failed || !s.difference(c) {
		flat(c.plane[at:], c.stride, c.size, 0)
		return nil
	}
	s.block = [64]int32{}
	s.block[0] = c.pred * int32(c.quant[0])
	nonzero := uint64(0)
	s.walk(c, 1, func(k int, v int32) {
		z := zigzag[k] & 63
		s.block[z] = v * int32(c.quant[z])
		nonzero |= 1 << z
	})
	inverse(c.plane[at:], c.stride, c.size, &s.block, nonzero)
	s.block = [64]int32{}
	return nil
}

func (s *scan) firstDCArithmetic(c *component, bx, by int) error {
	if s.arith.failed || !s.difference(c) {
		return nil
	}
	c.at(bx, by)[0] = int16(c.pred << s.al)
	return s.visit(1)
}

func (s *scan) refineDCArithmetic(c *component, bx, by int) error {
	if s.arith.decide(&s.r, &s.arith.fixed) != 0 {
		c.at(bx, by)[0] |= 1 << s.al
	}
	return s.visit(1)
}

func (s *scan) firstACArithmetic(c *component, bx, by int) error {
	b := c.at(bx, by)
	s.walk(c, s.ss, func(k int, v int32) { b[zigzag[k]&63] = int16(v << s.al) })
	return s.visit(1)
}

func (s *scan) refineACArithmetic(c *component, bx, by int) error {
	m, bins, b := s.arith, s.arith.ac[c.acAt][:], c.at(bx, by)
	one := int16(1) << s.al
	last := s.se // of the scans before; behind it the block may end
	for last > 0 && b[zigzag[last]&63] == 0 {
		last--
	}
	for k := s.ss; k <= s.se; k++ {
		if k > last && m.decide(&s.r, &bins[3*(k-1)]) != 0 {
			break
		}
		for {
			p := &b[zigzag[k]&63]
			if *p != 0 {
				if m.decide(&s.r, &bins[3*(k-1)+2]) != 0 {
					if *p < 0 {
						*p -= one
					} else {
						*p += one
					}
				}
				break
			}
			if m.decide(&s.r, &bins[3*(k-1)+1]) != 0 {
				if *p = one; m.decide(&s.r, &m.fixed) != 0 {
					*p = -one
				}
				break
			}
			if k++; k > s.se {
				m.failed = true
				return nil
			}
		}
	}
	return s.visit(1)
}
