package main

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// busy looks whether others keep the machine busy while shufflebench and its
// peers wait, and warns. The load average would tell of the past, and of
// shufflebench itself.
func (b *bench) busy(when string) {
	const window = 200 * time.Millisecond
	w0, t0, ok := cpuTimes()
	if !ok {
		return
	}
	time.Sleep(window)
	w1, t1, ok := cpuTimes()
	if !ok || t1 <= t0 {
		return
	}
	procs := (w1 - w0) / (t1 - t0) * float64(max(1, b.rep.Machine.CPUs))
	if procs > 0.15 {
		b.warn("the machine is busy: %s the measurement others used %.1f of its %d processors", when, procs, b.rep.Machine.CPUs)
	}
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
