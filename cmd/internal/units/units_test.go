package units

import "testing"

func TestUnits(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Duration(0), "-"}, {Duration(-1), "-"}, {Duration(1.5), "1.500 ns"}, {Duration(999.9), "999.9 ns"}, {Duration(12345), "12.35 µs"},
		{Duration(1.5e6), "1.500 ms"}, {Duration(123456e6), "123.5 s"},
		{Percent(0.1234), "12.3 %"}, {Bytes(0), "-"}, {Bytes(512), "0.5 KiB"}, {Bytes(3 << 20), "3.0 MiB"},
		{Count(99999), "99999"}, {Count(1234567), "1.23 M"},
		{Thousands(0), "0"}, {Thousands(999), "999"}, {Thousands(1000), "1,000"}, {Thousands(1234567), "1,234,567"}, {Thousands(-123456), "-123,456"},
		{Dims([]int{3, 224, 224}), "3x224x224"}, {Dims([]int{10}), "10"}, {Dims(nil), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
