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
	work   sync.Cond // a sample came, or the gate closed
	lines  map[string]*line
	taken  int // slots that compute, and those whose processors are lent to one that does
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
	waiting []task
	running int
	clock   time.Duration // time that its samples took, in the gate's reckoning
	usual   time.Duration // of one sample, a moving mean
}

// task is sample i of a job.
type task struct {
	job *job
	i   int
}

// job is the samples of one request.
type job struct {
	ctx  context.Context
	f    func(ctx context.Context, i, threads int) error
	most int   // threads for a sample
	left int   // samples that have not ended
	err  error // the first
	done chan struct{}
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
