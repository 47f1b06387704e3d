package gate

import "time"

// A sample is not interrupted. Where all slots are at samples that take long (photos of
// many megapixels to decode, a model a hundred times as slow), what waits would wait for
// their end. One slot more then takes the lightest of what waits, the relief: the operating
// system divides the processors among them, and the long ones take a little longer. It is
// not for another long one.

// patience is how long all slots may be at the samples that they have before the relief
// takes one from l: four times what half of l's samples take at most, but 20 ms at
// least. It is 0 for a model of which no sample has ended: nobody knows what is long.
func (l *line) patience() time.Duration {
	if l.middle == 0 {
		return 0
	}
	return max(20*time.Millisecond, 4*l.middle)
}

// watch sees to it that somebody looks whether the relief is needed, when it may be. It is
// called with the lock held, when a sample has to wait or a slot begins one.
func (g *Gate) watch() {
	if g.armed {
		return
	}
	if _, j, wait := g.strain(); j != nil {
		g.armed = true
		time.AfterFunc(wait, g.relieve)
	}
}

// strain returns the request of which the relief is to take a sample, and how long from now
// if the slots stay as they are; nil if it is not needed. It is called with the lock held.
func (g *Gate) strain() (l *line, j *job, wait time.Duration) {
	l = g.next()
	if l == nil || g.busy < g.slots || l.patience() == 0 {
		return nil, nil, 0
	}
	j = l.lightest()
	last := g.spells[0].began // when the last of the slots began
	for _, s := range g.spells {
		if s.began.After(last) {
			last = s.began
		}
		if s.line == l && s.job.weight < 4*j.weight {
			return nil, nil, 0
		}
	}
	return l, j, max(0, l.patience()-time.Since(last))
}

// relieve computes samples in the relief as long as it is needed. A timer calls it.
func (g *Gate) relieve() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for l, j, wait := g.strain(); j != nil && wait == 0; l, j, wait = g.strain() {
		g.run(l, g.takeOf(l, j), 1)
	}
	g.armed = false
	g.watch()
	if g.closed {
		g.work.Broadcast()
	}
}
