package jpeg

// scan is what a SOS segment says, and where the decoder is in it.
type scan struct {
	*decoder
	comps      []*component
	ss, se     int // first and last coefficient
	ah, al     int // bit positions: of the scan before, of this one
	r          bits
	arith      *arithmetic
	eobRun     int  // blocks that a progressive scan has left to skip
	stopped    bool // the data of this restart interval is used up or damaged
	nextMark   byte // number of the restart marker to come
	block      [64]int32
	decodeUnit func(s *scan, c *component, bx, by int) error // one block
}

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

// header checks a SOS segment.
func (s *scan) header(b []byte) error {
	if s.frame == nil {
		return broken("got a scan before the frame header")
	}
	if len(b) < 1 || b[0] < 1 || b[0] > 4 || len(b) != 4+2*int(b[0]) {
		return broken("scan header: got %d bytes, want 4 and 2 for each of 1 to 4 components", len(b))
	}
	units := 0
	for i := range int(b[0]) {
		id, tables := b[1+2*i], b[2+2*i]
		var c *component
		for k := range s.frame.comps {
			if s.frame.comps[k].id == id && !s.has(&s.frame.comps[k]) {
				c = &s.frame.comps[k]
				break
			}
		}
		if c == nil {
			return broken("scan header: got component %d, which the frame has not, or twice", id)
		}
		c.dcAt, c.acAt = int(tables>>4), int(tables&15)
		if !s.frame.Arithmetic && (c.dcAt > 3 || c.acAt > 3) {
			return broken("scan header: got Huffman tables %d and %d, want 0 to 3", c.dcAt, c.acAt)
		}
		units += c.h * c.v
		s.comps = append(s.comps, c)
	}
	if len(s.comps) > 1 && units > 10 {
		return broken("scan header: got %d blocks in an MCU, want at most 10", units)
	}
	b = b[len(b)-3:]
	s.ss, s.se, s.ah, s.al = int(b[0]), int(b[1]), int(b[2]>>4), int(b[2]&15)
	if !s.frame.Progressive {
		s.ss, s.se, s.ah, s.al = 0, 63, 0, 0
	} else if s.ss > s.se || s.se > 63 || s.ss == 0 && s.se != 0 || s.ss > 0 && len(s.comps) > 1 || s.al > 13 || s.ah != 0 && s.ah != s.al+1 {
		return broken("scan header: got coefficients %d to %d, bits %d to %d of %d components, which no progressive scan has",
			s.ss, s.se, s.ah, s.al, len(s.comps))
	}
	for _, c := range s.comps {
		c.dc, c.ac = nil, nil
		if !s.frame.Arithmetic {
			c.dc, c.ac = s.decoder.dc[c.dcAt], s.decoder.ac[c.acAt]
			if s.ss == 0 && s.ah == 0 && c.dc == nil || s.se > 0 && c.ac == nil {
				return broken("scan header: got Huffman tables %d and %d, which the file does not have", c.dcAt, c.acAt)
			}
		}
		if c.quant == nil || !s.frame.Progressive {
			if c.quant = s.decoder.quant[c.table]; c.quant == nil {
				return broken("got no quantization table %d before the first scan that needs it", c.table)
			}
		}
	}
	return nil
}

func (s *scan) has(c *component) bool {
	for _, o := range s.comps {
		if o == c {
			return true
		}
	}
	return false
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

// spent reports whether the interval's data has come to its end too early.
func (s *scan) spent() bool {
	if s.arith != nil {
		return s.arith.failed
	}
	return s.r.pad > 0 && s.r.exhausted()
}

// begin sets what a scan and a restart marker set anew.
func (s *scan) begin() {
	for _, c := range s.comps {
		c.pred, c.context = 0, 0
	}
	s.eobRun, s.stopped = 0, false
	if s.arith != nil {
		s.arith.reset()
	}
}
