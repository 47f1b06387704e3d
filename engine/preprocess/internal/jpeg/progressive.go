package jpeg

// at returns the coefficients of a block.
func (c *component) at(bx, by int) *[64]int16 {
	return (*[64]int16)(c.coef[64*(by*c.bwPad+bx):])
}

// firstDC decodes the high bits of a DC coefficient (T.81, G.1.2.1).
func (s *scan) firstDC(c *component, bx, by int) error {
	size := int(c.dc.symbol(&s.r) & 15)
	c.pred += extend(s.r.take(size), size)
	c.at(bx, by)[0] = int16(c.pred << s.al)
	return nil
}

// refineDC adds one bit to a DC coefficient.
func (s *scan) refineDC(c *component, bx, by int) error {
	if s.r.bit() != 0 {
		c.at(bx, by)[0] |= 1 << s.al
	}
	return nil
}

// firstAC decodes the high bits of AC coefficients (T.81, G.1.2.2). Blocks within
// a run of empty ones do not come here.
func (s *scan) firstAC(c *component, bx, by int) error {
	b := c.at(bx, by)
	for k := s.ss; k <= s.se; k++ {
		symbol := c.ac.symbol(&s.r)
		run, size := int(symbol>>4), int(symbol&15)
		if size == 0 {
			if run == 15 {
				k += 15
				continue
			}
			s.eobRun = 1<<run - 1 + int(s.r.take(run)) // beside this one
			return nil
		}
		k += run
		v := extend(s.r.take(size), size)
		b[zigzag[k]&63] = int16(v << s.al)
	}
	return nil
}

// refineAC adds one bit to the AC coefficients that are not zero, and places those
// that become so (T.81, G.1.2.3).
func (s *scan) refineAC(c *component, bx, by int) error {
	b := c.at(bx, by)
	one := int16(1) << s.al
	k := s.ss
	if s.eobRun == 0 {
		for k <= s.se {
			symbol := c.ac.symbol(&s.r)
			run, size := int(symbol>>4), int(symbol&15)
			fresh := int16(0)
			if size != 0 {
				if fresh = -one; s.r.bit() != 0 {
					fresh = one
				}
			} else if run != 15 {
				s.eobRun = 1<<run + int(s.r.take(run))
				break
			}
			for ; k <= s.se; k++ {
				if p := &b[zigzag[k]&63]; *p != 0 {
					s.correct(p, one)
				} else if run--; run < 0 {
					break
				}
			}
			if fresh != 0 { // beyond the last only in a broken file
				b[zigzag[k]&63] = fresh
			}
			k++
		}
	}
	if s.eobRun > 0 {
		s.eobRun--
		if err := s.visit(1); err != nil {
			return err
		}
		for ; k <= s.se; k++ {
			if p := &b[zigzag[k]&63]; *p != 0 {
				s.correct(p, one)
			}
		}
	}
	return nil
}

// correct makes a coefficient larger by one, away from zero, if the next bit says
// so and it has not been done.
func (s *scan) correct(p *int16, one int16) {
	if s.r.bit() != 0 && *p&one == 0 {
		if *p >= 0 {
			*p += one
		} else {
			*p -= one
		}
	}
}
