package gate

import (
	"cmp"
	"slices"
	"time"
)

// All of these are called with the gate's lock held.

// join puts a request at the end of the queue.
func (l *line) join(j *job) {
	l.jobs = append(l.jobs, j)
	l.waiting += j.n
}

// take takes a sample of a request that waits, which then waits behind the others: with
// those whose turn it is, requests of one sample are answered in the order of their
// coming, and one of hundreds holds up nobody for longer than a sample takes.
func (l *line) take(j *job) task {
	l.remove(j)
	t := task{j, j.next}
	j.next++
	if j.next < j.n {
		l.jobs = append(l.jobs, j)
	}
	l.waiting--
	return t
}

// leave takes the samples of a request that wait from the queue, and returns how many those
// were.
func (l *line) leave(j *job) int {
	n := j.n - j.next
	if n > 0 {
		l.remove(j)
		l.waiting -= n
		j.next = j.n
	}
	return n
}

func (l *line) remove(j *job) {
	at := slices.Index(l.jobs, j)
	l.jobs = slices.Delete(l.jobs, at, at+1)
}

// lightest returns the request that waits and has the least weight, the first of several.
func (l *line) lightest() *job {
	return slices.MinFunc(l.jobs, func(a, b *job) int { return cmp.Compare(a.weight, b.weight) })
}

// fits says whether n more samples fit into a queue with room for so many. Of one request
// at most half the room counts, since the others do not wait for all of it.
func (l *line) fits(n, room int) bool {
	most := max(1, room/2)
	sum := min(n, most)
	for _, j := range l.jobs {
		sum += min(j.n-j.next, most)
	}
	return sum <= room
}

// took learns from the time that a sample took.
func (l *line) took(d time.Duration) {
	l.usual += (d - l.usual) / 8
	switch step := max(l.middle/8, 1); {
	case l.middle == 0:
		l.middle = d
	case d > l.middle:
		l.middle += min(step, d-l.middle)
	default:
		l.middle -= min(step, l.middle-d)
	}
}
