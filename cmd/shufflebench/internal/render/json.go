package render

import (
	"encoding/json"
	"fmt"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// JSON is the report as -o json prints it.
func JSON(rep *report.Report) []byte {
	b, err := json.MarshalIndent(rep, "", " ")
	if err != nil { // JSON has no NaN and no infinity, and a report has neither
		return fmt.Appendf(nil, "{\"error\": %q}\n", err.Error())
	}
	return append(b, '\n')
}
