package labelled

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// lines calls line with the cells of every line of a file that is not empty, without
// the blanks around them. What line refuses is named by the file and the line's number.
func lines(path string, line func(cells []string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		text := strings.TrimPrefix(sc.Text(), "\ufeff")
		if strings.TrimSpace(text) == "" {
			continue
		}
		cells := strings.Split(text, "\t")
		for i, c := range cells {
			cells[i] = strings.TrimSpace(c)
		}
		if err := line(cells); err != nil {
			return fmt.Errorf("%s, line %d: %w", path, n, err)
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
