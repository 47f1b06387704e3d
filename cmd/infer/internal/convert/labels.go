package convert

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// readLabels reads one class name a line. Empty lines at the end do not count;
// others would shift every class after them, and are refused.
func readLabels(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var labels []string
	empty := 0
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(sc.Text(), "\ufeff"))
		if line == "" {
			if empty == 0 {
				empty = n
			}
			continue
		}
		if empty > 0 {
			return nil, fmt.Errorf("%s: line %d: got an empty one, want a class name", path, empty)
		}
		labels = append(labels, line)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(labels) == 0 {
		return nil, fmt.Errorf("%s: got no class names, want one a line", path)
	}
	return labels, nil
}
