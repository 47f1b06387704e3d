package machine

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Busy returns how many processors other programs use at the moment. It looks for
// 200 ms, while the caller and its peers wait. (The load average would tell of
// the past, and of the caller itself.) ok is false where the system does not say.
func Busy() (processors float64, ok bool) {
	const window = 200 * time.Millisecond
	w0, t0, ok := cpuTimes()
	if !ok {
		return 0, false
	}
	time.Sleep(window)
	w1, t1, ok := cpuTimes()
	if !ok || t1 <= t0 {
		return 0, false
	}
	return (w1 - w0) / (t1 - t0) * float64(runtime.NumCPU()), true
}

// cpuTimes returns the time that all processors together worked, and all time,
// in ticks, stolen time counted as work; ok is false where the system has no
// /proc.
func cpuTimes() (work, total float64, ok bool) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, false
	}
	return parseCPUTimes(string(b))
}

func parseCPUTimes(stat string) (work, total float64, ok bool) {
	first, _, _ := strings.Cut(stat, "\n")
	f := strings.Fields(first)
	if len(f) < 9 || f[0] != "cpu" {
		return 0, 0, false
	}
	for i, s := range f[1:9] { // guest time is in user time already
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return 0, 0, false
		}
		total += v
		if i != 3 && i != 4 { // idle, waiting for disks
			work += v
		}
	}
	return work, total, true
}
