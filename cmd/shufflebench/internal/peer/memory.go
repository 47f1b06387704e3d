package peer

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// PeakRSS is the most memory that the process has had resident, in bytes; 0
// where the system does not say. It is not getrusage's ru_maxrss, which starts at
// what the parent process had.
func (p *Process) PeakRSS() int64 {
	if p.dead != nil {
		return 0
	}
	return vmHWM(p.cmd.Process.Pid)
}

func vmHWM(pid int) int64 {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	for _, l := range strings.Split(string(b), "\n") {
		if f := strings.Fields(l); len(f) == 3 && f[0] == "VmHWM:" {
			kb, _ := strconv.ParseInt(f[1], 10, 64)
			return kb << 10
		}
	}
	return 0
}
