//go:build !purego

package kernel

import (
	"math"
	"testing"
)

// pacePixels are the planes of the measurements.
var pacePixels = []int{1, 3, 4, 7, 8, 9, 12, 14, 16, 28, 32, 48, 49, 56, 64, 112}

// measuredPace is what so many output channels took of each of these planes, in cycles for
// a step of depth: the difference between depths of 184 and 56, the least of 1500 runs
// each, by the depth.
type measuredPace struct {
	m      int
	cycles []float64
}

// halvesMeasured is of Zen 4 at 3.69 GHz.
var halvesMeasured = []measuredPace{
	{3, []float64{4.0, 4.0, 4.0, 4.0, 4.0, 8.1, 7.8, 4.1, 4.0, 11.8, 6.0, 9.1, 13.2, 13.1, 12.1, 21.0}},
	{8, []float64{4.0, 4.0, 4.0, 4.9, 5.0, 9.0, 8.9, 8.0, 8.0, 16.9, 16.1, 24.1, 28.2, 29.0, 32.4, 55.9}},
	{16, []float64{4.1, 8.1, 8.2, 12.6, 9.8, 13.7, 17.8, 16.0, 16.0, 33.8, 32.1, 48.2, 52.5, 57.7, 64.3, 112.6}},
	{24, []float64{8.1, 6.6, 6.3, 13.6, 13.6, 21.4, 19.7, 24.1, 24.1, 44.8, 48.1, 72.1, 80.3, 85.6, 96.3, 167.6}},
	{32, []float64{4.6, 10.5, 10.5, 18.1, 18.2, 22.7, 28.8, 32.1, 32.1, 60.6, 64.2, 96.1, 104.4, 114.5, 128.4, 223.4}},
	{58, []float64{18.6, 22.8, 23.0, 35.5, 35.6, 54.1, 57.9, 60.0, 59.8, 118.0, 115.6, 175.4, 195.0, 211.1, 232.1, 409.1}},
	{64, []float64{12.4, 17.2, 17.3, 36.6, 36.5, 48.4, 54.6, 64.0, 64.1, 117.1, 128.0, 192.1, 205.0, 228.5, 256.7, 451.4}},
	{116, []float64{27.8, 35.6, 35.4, 66.8, 67.3, 94.7, 102.3, 116.0, 115.9, 217.6, 233.5, 348.4, 376.0, 414.2, 464.1, 813.0}},
}

// portsMeasured is of Granite Rapids at 3.89 GHz.
var portsMeasured = []measuredPace{
	{3, []float64{3.7, 3.7, 3.7, 3.7, 3.7, 4.2, 4.2, 4.2, 4.0, 8.2, 4.4, 5.6, 9.1, 9.1, 8.9, 15.6}},
	{8, []float64{3.7, 3.7, 3.7, 4.2, 4.2, 4.8, 4.8, 4.8, 4.6, 9.5, 8.3, 12.7, 16.4, 17.2, 17.0, 30.5}},
	{16, []float64{3.7, 7.5, 8.3, 9.0, 8.7, 9.7, 9.6, 9.7, 9.3, 19.1, 16.3, 24.8, 29.0, 34.1, 34.0, 60.6}},
	{24, []float64{7.2, 5.7, 5.6, 12.0, 11.9, 13.5, 13.6, 13.6, 13.5, 27.2, 24.6, 37.1, 45.2, 49.4, 51.4, 91.3}},
	{32, []float64{4.0, 9.2, 9.3, 16.7, 16.8, 18.6, 18.5, 18.1, 18.2, 37.0, 32.9, 49.7, 53.9, 66.5, 67.9, 120.9}},
	{58, []float64{14.4, 20.5, 20.6, 33.4, 33.4, 37.1, 37.1, 36.9, 36.1, 73.9, 61.9, 90.9, 107.4, 124.1, 124.9, 227.3}},
	{64, []float64{8.9, 17.3, 16.3, 34.1, 33.7, 38.1, 38.3, 38.3, 37.1, 75.8, 66.1, 98.7, 107.7, 132.9, 132.6, 242.5}},
	{116, []float64{22.1, 33.0, 33.3, 62.6, 64.7, 70.6, 70.8, 70.5, 68.4, 138.1, 119.6, 180.3, 200.2, 242.0, 240.4, 443.5}},
}

// TestAVX512Cycles compares the models with the measurements.
func TestAVX512Cycles(t *testing.T) {
	t.Run("halves", func(t *testing.T) { testPace(t, &halvesPace, true, halvesMeasured, 0.3, 0.03) })
	t.Run("ports", func(t *testing.T) { testPace(t, &portsPace, false, portsMeasured, 0.25, 0.04) })
}

// testPace wants the model off by no more than most anywhere, and than mean in the mean.
func testPace(t *testing.T, p *pace, halves bool, measured []measuredPace, most, mean float64) {
	sum, count := 0.0, 0
	for _, row := range measured {
		for i, want := range row.cycles {
			got := p.cycles(row.m, pacePixels[i], halves)
			off := math.Abs(got/want - 1)
			if sum, count = sum+off, count+1; off > most {
				t.Errorf("%d channels of %d pixels: %.1f cycles, measured %.1f", row.m, pacePixels[i], got, want)
			}
		}
	}
	if off := sum / float64(count); off > mean {
		t.Errorf("the model is off by %.1f %% in the mean, wanted at most %.0f", 100*off, 100*mean)
	} else {
		t.Logf("off by %.1f %% in the mean", 100*off)
	}
}

// TestPaces: the model of two units never takes longer than that of one, and both grow
// with the work.
func TestPaces(t *testing.T) {
	for m := 1; m < 130; m++ {
		for n := 1; n < 130; n++ {
			two, one := portsPace.cycles(m, n, false), halvesPace.cycles(m, n, true)
			if more := portsPace.cycles(m+64, n, false); more < two || n >= 16 && two > one+halvesPace.least {
				t.Fatalf("%d channels of %d pixels: %.1f cycles of two units, %.1f of one, %.1f with 64 channels more", m, n, two, one, more)
			}
		}
	}
}
