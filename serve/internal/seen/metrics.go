// Package seen counts what the server does, for Prometheus, logs what went wrong, and
// traces requests for OpenTelemetry.
package seen

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/trace"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// Metrics is what is counted. The label model only ever has names of models in the
// directory, so that no client can make it grow. All methods are safe for concurrent use.
type Metrics struct {
	log      *slog.Logger
	registry *prometheus.Registry

	requests  *prometheus.CounterVec
	latency   *prometheus.HistogramVec
	stages    *prometheus.HistogramVec
	queue     *prometheus.GaugeVec
	room      prometheus.Gauge
	shed      *prometheus.CounterVec
	batch     *prometheus.HistogramVec
	bytes     *prometheus.CounterVec
	panics    prometheus.Counter
	loads     *prometheus.CounterVec
	loading   *prometheus.HistogramVec
	inFlight  prometheus.Gauge
	perModel  []interface{ DeletePartialMatch(prometheus.Labels) int }
	connected prometheus.Gauge

	tracer trace.Tracer // nil: no traces
}

// seconds are bounds of histograms from 50 µs to 13 s, each twice the one before.
var seconds = prometheus.ExponentialBuckets(50e-6, 2, 19)

// New registers all metrics. room is how many samples of a model may wait.
func New(log *slog.Logger, room int) *Metrics {
	m := &Metrics{log: log, registry: prometheus.NewRegistry()}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "riffle", Name: name, Help: help}, labels)
		m.registry.MustRegister(c)
		m.perModel = append(m.perModel, c)
		return c
	}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "riffle", Name: name, Help: help})
		m.registry.MustRegister(g)
		return g
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "riffle", Name: name, Help: help, Buckets: buckets}, labels)
		m.registry.MustRegister(h)
		m.perModel = append(m.perModel, h)
		return h
	}
	m.requests = counter("requests_total", "Infer requests answered, by HTTP status or the one that stands for the gRPC code.", "model", "protocol", "code")
	m.latency = histogram("request_seconds", "From the first byte of an infer request to its answer.", seconds, "model", "protocol")
	m.stages = histogram("stage_seconds", "Time of each sample in a stage: queue, decode, resize, run.", seconds, "model", "stage")
	m.queue = prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "riffle", Name: "queue_length", Help: "Samples that wait for a slot."}, []string{"model"})
	m.registry.MustRegister(m.queue)
	m.perModel = append(m.perModel, m.queue)
	m.room = gauge("queue_capacity", "Samples of one model that may wait.")
	m.room.Set(float64(room))
	m.shed = counter("shed_total", "Infer requests refused because of load, by reason.", "model", "reason")
	m.batch = histogram("batch_samples", "Samples in one request.", prometheus.ExponentialBuckets(1, 2, 9), "model")
	m.bytes = counter("bytes_total", "Bytes of infer requests and their answers, without headers.", "protocol", "direction")
	m.loads = counter("loads_total", "Models loaded, or not, by result: ok, failed.", "model", "result")
	m.loading = histogram("load_seconds", "Time to read, plan and warm up a model.", prometheus.ExponentialBuckets(1e-3, 2, 15), "model")
	m.inFlight = gauge("requests_in_flight", "Infer requests that have begun and not ended.")
	m.connected = gauge("connections", "Open connections.")
	m.panics = prometheus.NewCounter(prometheus.CounterOpts{Namespace: "riffle", Name: "panics_total", Help: "Panics that were caught and answered as the server's own error."})
	m.registry.MustRegister(m.panics, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler answers Prometheus, and few at a time: packing an answer takes a megabyte.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry, MaxRequestsInFlight: 4})
}

// Queue sets the length of a model's queue.
func (m *Metrics) Queue(model string, n int) { m.queue.WithLabelValues(model).Set(float64(n)) }

// Stage counts the time of sample i of a request in a stage.
func (m *Metrics) Stage(ctx context.Context, model, stage string, i int, start time.Time, d time.Duration) {
	m.stages.WithLabelValues(model, stage).Observe(d.Seconds())
	m.stageSpan(ctx, stage, i, start, d)
}

// Batch counts a request of so many samples.
func (m *Metrics) Batch(ctx context.Context, model string, n int) {
	m.batch.WithLabelValues(model).Observe(float64(n))
	m.batchSpan(ctx, n)
}

// Panic counts and logs a panic.
func (m *Metrics) Panic(model string, value any, stack []byte) {
	m.panics.Inc()
	m.log.Error("panic", "model", model, "value", value, "stack", string(stack))
}

// Connections counts open connections.
func (m *Metrics) Connections(change int) { m.connected.Add(float64(change)) }

// Loaded counts a load.
func (m *Metrics) Loaded(model, _ string, took time.Duration, err error) {
	result := "ok"
	if err != nil {
		result = "failed"
	}
	m.loads.WithLabelValues(model, result).Inc()
	m.loading.WithLabelValues(model).Observe(took.Seconds())
}

// Dropped forgets what was counted of a model that is gone.
func (m *Metrics) Dropped(model string) {
	for _, v := range m.perModel {
		v.DeletePartialMatch(prometheus.Labels{"model": model})
	}
}

// shedding says by which reason a failure was shedding, or "".
func shedding(e *fault.Error) string {
	switch {
	case e.Kind == fault.Busy:
		return "queue"
	case e.Kind == fault.Unavailable && e.RetryAfter > 0:
		return "memory"
	case e.Kind == fault.Timeout:
		return "deadline"
	}
	return ""
}
