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
