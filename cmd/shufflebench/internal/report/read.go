package report

import (
	"encoding/json"
	"fmt"
	"os"
)

// Read reads a file that -o json printed.
func Read(path string) (*Report, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var r Report
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("%s: not a report of -o json: %w", path, err)
	}
	if r.Format != Format {
		return nil, fmt.Errorf("%s: got format %d, want %d: a report of -o json", path, r.Format, Format)
	}
	return &r, nil
}
