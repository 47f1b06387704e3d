package spans

import (
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	for _, c := range []struct {
		address string
		env     string // NAME=value NAME=value
		want    string // the URL, or what the error says; empty for nowhere
	}{
		{"", "", ""},
		{"http://c:4318", "", "http://c:4318/v1/traces"},
		{"https://c/", "", "https://c/v1/traces"},
		{"http://c/of/mine", "OTEL_EXPORTER_OTLP_ENDPOINT=http://other", "http://c/of/mine"},
		{"", "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318/", "http://c:4318/v1/traces"},
		{"", "OTEL_EXPORTER_OTLP_ENDPOINT=http://c/base", "http://c/base/v1/traces"},
		{"", "OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://d/x", "http://d/x"},
		{"", "OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_SDK_DISABLED=true", ""},
		{"", "OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_TRACES_EXPORTER=none", ""},
		{"", "OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_EXPORTER_OTLP_PROTOCOL=grpc", `"grpc", want http/protobuf`},
		{"", "OTEL_EXPORTER_OTLP_ENDPOINT=c:4317", "want http://HOST:PORT"},
		{"localhost", "", "want http://HOST:PORT"},
		{"http://\x00", "", "collector: "},
		{"http://c", "OTEL_EXPORTER_OTLP_HEADERS=secret", "form name=value"},
		{"https://c", "OTEL_EXPORTER_OTLP_CERTIFICATE=/nothing/here", "/nothing/here"},
		{"https://c", "OTEL_EXPORTER_OTLP_CERTIFICATE=endpoint_test.go", "no certificate in endpoint_test.go"},
		{"https://c", "OTEL_EXPORTER_OTLP_CLIENT_KEY=x", "want both"},
		{"https://c", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=endpoint_test.go OTEL_EXPORTER_OTLP_CLIENT_KEY=endpoint_test.go", "CLIENT_KEY: "},
		{"http://c", "OTEL_EXPORTER_OTLP_CERTIFICATE=/nothing/here", "http://c/v1/traces"},
	} {
		t.Run(c.address+" "+c.env, func(t *testing.T) {
			for _, name := range []string{"SDK_DISABLED", "TRACES_EXPORTER", "EXPORTER_OTLP_ENDPOINT", "EXPORTER_OTLP_TRACES_ENDPOINT", "EXPORTER_OTLP_PROTOCOL", "EXPORTER_OTLP_HEADERS",
				"EXPORTER_OTLP_CERTIFICATE", "EXPORTER_OTLP_CLIENT_CERTIFICATE", "EXPORTER_OTLP_CLIENT_KEY"} {
				t.Setenv("OTEL_"+name, "")
			}
			for item := range strings.FieldsSeq(c.env) {
				name, value, _ := strings.Cut(item, "=")
				t.Setenv(name, value)
			}
			e, err := Find(c.address)
			switch {
			case err != nil:
				if c.want == "" || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %q", err, c.want)
				}
			case e == nil:
				if c.want != "" {
					t.Errorf("nowhere, want %s", c.want)
				}
			case e.url != c.want:
				t.Errorf("got %s, want %s", e.url, c.want)
			}
		})
	}
}
