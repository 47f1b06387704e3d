package doctor

import (
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"github.com/riffle-ml/riffle/kernel"
)

// telling are the parts of a feature's name that matter to the kernels.
var telling = []string{"AVX", "FMA", "F16C", "SSE4", "AMX", "ASIMD", "SVE", "FP", "I8MM", "BF16"}

// processor is the processor's name, as far as it can be asked.
func processor() string {
	name := strings.Join(strings.Fields(cpuid.CPU.BrandName), " ")
	if name == "" {
		name = "unknown"
	}
	var features []string
	for _, f := range cpuid.CPU.FeatureSet() {
		if slices.ContainsFunc(telling, func(part string) bool { return strings.Contains(f, part) }) {
			features = append(features, f)
		}
	}
	if len(features) > 0 {
		name += " (" + strings.Join(features, " ") + ")"
	}
	return name
}

func target() string { return runtime.GOOS + "/" + runtime.GOARCH }

func environment() string { return os.Getenv(kernel.EnvISA) }
