package run

import "time"

// Where another process wants a core too, the operating system puts workers
// aside, each time for a turn: some milliseconds, more than most networks take
// in all. A part that such a worker has begun can only be waited for. So the
// caller keeps account of its helpers: waiting against what they can have saved.
// When they have cost more than they saved it works alone for a while and then
// tries again. It is alone twice as long each time, until they have earned what
// they cost.
const (
	credit  = time.Millisecond // what helpers may cost before the caller gives them up
	shortly = 4                // how long the first retreat is, and how long the longest, in
	long    = 256              // times of the run that brought it about
)

// retreat is the account. No thread but the caller looks at it.
type retreat struct {
	offered, taken int           // helpers' parts in this run, and those of them that the caller did
	debt           time.Duration // what helpers have cost, less what they saved; between 0 and credit
	length         time.Duration // of the last retreat; 0: they have earned since what they cost
	until          time.Time     // its end
}

// account closes a run that ended just now, after took. Its workers waited for parts of
// others for waited, all together. Where nobody waits for long, t threads
// save some four fifths of the (t-1)/t that they could: two are 1.7 times as fast
// as one, and a run of which two fifths went by with waiting would have taken as
// long alone. Nothing was saved by parts that the caller did for its helpers.
func (r *retreat) account(end time.Time, took, waited time.Duration, threads int) {
	saved := took * time.Duration(4*(threads-1)) / time.Duration(5*threads)
	r.debt += waited/time.Duration(threads-1) - saved*time.Duration(r.offered-r.taken)/time.Duration(max(1, r.offered))
	switch {
	case r.debt <= 0:
		r.debt, r.length = 0, 0
	case r.debt > credit:
		r.debt = credit
		r.length = min(max(2*r.length, shortly*took), long*took)
		r.until = end.Add(r.length)
	}
}

// holds says whether the caller is to work alone now.
func (r *retreat) holds(now time.Time) bool { return now.Before(r.until) }
