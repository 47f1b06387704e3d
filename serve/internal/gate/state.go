package gate

import (
	"context"
	"sync"
	"time"
)

// Gate hands out the slots. All methods are safe for concurrent use.
type Gate struct {
	slots, room int
	seen        Observer

	mu     sync.Mutex
	work   sync.Cond // a sample waits, a slot is free, or the gate closed
	lines  map[string]*line
	spells []spell // by slot
	busy   int     // slots that have one
	under  int     // samples that are computed: in the slots, and by the relief
	taken  int     // slots that compute, and those whose processors are lent to one that does
	armed  bool    // whether the relief is at work, or will look whether it is needed
	closed bool
	ended  sync.WaitGroup
}

// Observer is told what happens. Its methods must be quick: some are called with a lock held.
type Observer interface {
	Queue(model string, length int)
	Panic(model string, value any, stack []byte)
}

// line is one model's queue.
type line struct {
	name    string
	jobs    []*job // those that have samples waiting, in the order of their turns
	waiting int    // samples
	running int
	clock   time.Duration // time that its samples took, in the gate's reckoning
	usual   time.Duration // of one sample, a moving mean
	middle  time.Duration // of one sample, a moving median: half of them take longer
}

// job is the samples of one request. The first next of n have left the queue.
type job struct {
	ctx     context.Context
	f       func(ctx context.Context, i, threads int) error
	most    int // threads for a sample
	weight  int
	n, next int
	left    int   // samples that have not ended
	err     error // the first
	done    chan struct{}
}

// spell is what a slot is at; the zero value is nothing.
type spell struct {
	began time.Time
	line  *line
	job   *job
}

// Request is what the samples of a request are for the gate.
type Request struct {
	Samples int
	Threads int // that a sample may use at most while other slots would be idle; at least 1
	// Weight is something that grows with the time of a sample, as the bytes of a picture's
	// file. It is compared among the requests for one model, only where slots need relief.
	Weight int
}

// task is sample i of a job.
type task struct {
	job *job
	i   int
}

// finish counts n samples as ended, with the gate's lock held.
func (j *job) finish(n int, err error) {
	if j.err == nil {
		j.err = err
	}
	if j.left -= n; j.left == 0 {
		close(j.done)
	}
}
