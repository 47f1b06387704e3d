package jpeg

// scan reads one scan, whose header is body and whose data begins at i. It
// returns where the data ends.
func (d *decoder) scan(body []byte, i int) (int, error) {
	s := &scan{decoder: d}
	if err := s.header(body); err != nil {
		return 0, err
	}
	s.r.data = d.data
	s.r.reset(i)
	if d.frame.Arithmetic {
		if d.coder == nil {
			d.coder = new(arithmetic)
		}
		s.arith = d.coder
		s.arith.end = false
		s.arith.reset()
	}
	if err := s.choose(); err != nil {
		return 0, err
	}
	if err := s.run(); err != nil {
		return 0, err
	}
	if s.arith != nil && s.arith.end {
		return 0, errShort
	}
	for _, c := range s.comps {
		for k := s.ss; k <= s.se; k++ {
			c.known[k] = s.al == 0
		}
	}
	return s.r.pos, nil
}

// run goes through the MCUs.
func (s *scan) run() error {
	s.begin()
	mx, my := s.frame.mcuX, s.frame.mcuY
	single := len(s.comps) == 1
	if single {
		mx, my = s.comps[0].bw, s.comps[0].bh
	}
	left := s.restart
	for y := range my {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		for x := 0; x < mx; x++ {
			if s.restart > 0 && left == 0 {
				if err := s.resume(); err != nil {
					return err
				}
				left = s.restart
			}
			if s.eobRun > 0 && s.ah == 0 { // blocks that keep their zeros: all at once
				n := min(s.eobRun, mx-x)
				if s.restart > 0 {
					n = min(n, left)
				}
				s.eobRun -= n
				left -= n
				x += n - 1
				continue
			}
			left--
			if s.stopped {
				if s.frame.Progressive {
					n := mx - x
					if s.restart > 0 {
						n = min(n, left+1)
					}
					left -= n - 1
					x += n - 1
					continue
				}
				if err := s.visit(1); err != nil {
					return err
				}
			}
			if single {
				if err := s.decodeUnit(s, s.comps[0], x, y); err != nil {
					return err
				}
			} else if err := s.mcu(x, y); err != nil {
				return err
			}
			if s.spent() {
				if s.r.end && s.arith == nil {
					return errShort
				}
				s.stopped = true
			}
		}
	}
	return nil
}

// mcu decodes the blocks of all components at one place.
func (s *scan) mcu(x, y int) error {
	for _, c := range s.comps {
		for v := range c.v {
			for h := range c.h {
				if err := s.decodeUnit(s, c, x*c.h+h, y*c.v+v); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
