package jpeg

// resume goes to the restart marker that is due. Where another marker is found, it
// does what T.81 (annex E) leaves open as libjpeg does: a marker of one or two
// intervals ahead stays, and this interval counts as lost; one of one or two
// intervals ago is skipped; any other is taken for the one that is due.
func (s *scan) resume() error {
	if err := s.visit(1); err != nil {
		return err
	}
	due := s.nextMark
	s.nextMark = (due + 1) & 7
	at := s.r.pos
	for {
		m, next, ok := nextMarker(s.data, at)
		if !ok {
			return errShort
		}
		far := (m - 0xd0 - due) & 7
		switch {
		case m < 0xc0: // no marker at all
			at = next
			continue
		case m < 0xd0 || m > 0xd7, far == 1, far == 2:
			stopped := s.stopped
			s.begin()
			s.r.reset(next - 2)
			s.stopped = stopped // or the reader will find that there is no data
			return nil
		case far == 6, far == 7:
			at = next
			continue
		}
		s.begin()
		s.r.reset(next)
		return nil
	}
}
