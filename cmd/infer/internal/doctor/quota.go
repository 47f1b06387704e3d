package doctor

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// quota says how much processor time the container may use, as Linux's control groups
// have it; "" where they say nothing. root is the file system's root.
func quota(root fs.FS) string {
	b, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		// A line is "ID:CONTROLLERS:PATH". Version 2 has no controllers there.
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		for _, c := range strings.Split(parts[1], ",") {
			base := ""
			switch c {
			case "":
				base = "sys/fs/cgroup"
			case "cpu":
				base = "sys/fs/cgroup/cpu"
			default:
				continue
			}
			if text := smallest(root, base, parts[2]); text != "" {
				return text
			}
		}
	}
	return ""
}

// smallest is the smallest quota of a group and those above it. Inside a container
// its own group may be mounted as the root.
func smallest(root fs.FS, base, group string) string {
	least := 0.0
	for at := path.Join("/", group); ; at = path.Dir(at) {
		dir := path.Join(base, at)
		limit, period := 0.0, 0.0
		if f := strings.Fields(content(root, dir+"/cpu.max")); len(f) == 2 {
			limit, period = number(f[0]), number(f[1])
		} else {
			limit, period = number(content(root, dir+"/cpu.cfs_quota_us")), number(content(root, dir+"/cpu.cfs_period_us"))
		}
		if limit > 0 && period > 0 && (least == 0 || limit/period < least) {
			least = limit / period
		}
		if at == "/" {
			break
		}
	}
	if least == 0 {
		return ""
	}
	return fmt.Sprintf("%.4g processors", least)
}

func content(root fs.FS, name string) string {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// number is 0 for "max" and what else is none.
func number(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0
	}
	return v
}
