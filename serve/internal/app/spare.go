package app

import (
	"os"
	"runtime"
)

// spare lets the Go runtime run one thread more than there are processors, if samples are
// computed on all of them. A goroutine that computes does not make way for others until
// 10 ms have passed; without a thread to spare, a request that has come and an answer
// that is ready would wait for that. The operating system lets such a thread run at
// once, and takes the processor away from a computing one for the few microseconds
// it needs. GOMAXPROCS in the environment is left as it is. The function that it returns
// undoes it.
func spare(c config) (undo func()) {
	n := runtime.GOMAXPROCS(0)
	if os.Getenv("GOMAXPROCS") == "" && c.slots*c.threads >= n {
		runtime.GOMAXPROCS(n + 1)
	}
	return func() { runtime.GOMAXPROCS(n) }
}
