package spans

import (
	"log/slog"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// New returns a provider of tracers whose spans go to the endpoint in batches, without
// anybody waiting for that: spans that a slow collector leaves no room for are dropped. Its
// Shutdown sends the last of them. The sampler, the service's name and the sizes of
// batches are those of OpenTelemetry's environment variables.
func New(e *Endpoint, service, version string, log *slog.Logger) (*sdk.TracerProvider, error) {
	own := resource.NewSchemaless(attribute.String("service.name", service), attribute.String("service.version", version))
	r, err := resource.Merge(own, resource.Environment())
	if err != nil {
		return nil, err
	}
	// The exporter logs that a collector fails when that begins, and not at each batch.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Debug("traces", "error", err) }))
	return sdk.NewTracerProvider(sdk.WithBatcher(&exporter{to: *e, log: log}), sdk.WithResource(r)), nil
}
