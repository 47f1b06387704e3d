package rest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/riffle-ml/riffle/serve/internal/core"
	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/oip"
	"github.com/riffle-ml/riffle/serve/internal/predict"
	"github.com/riffle-ml/riffle/serve/internal/repository"
)

func (s server) metadata(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"name": core.Name, "version": s.Version, "extensions": core.Extensions()})
}

func (s server) model(w http.ResponseWriter, r *http.Request) {
	n, release, err := s.Models.Acquire(r.PathValue("model"), r.PathValue("version"))
	if err != nil {
		fail(w, err)
		return
	}
	defer release()
	answer(w, http.StatusOK, map[string]any{
		"name": n.Name, "versions": s.Versions(n, r.PathValue("version")), "platform": core.Platform,
		"inputs": describe(predict.Inputs(n)), "outputs": describe(predict.Outputs(n)),
	})
}

type description struct {
	Name     string  `json:"name"`
	Datatype string  `json:"datatype"`
	Shape    []int64 `json:"shape"`
}

func describe(ts []oip.Tensor) []description {
	var ds []description
	for _, t := range ts {
		ds = append(ds, description{t.Name, t.Datatype, t.Shape})
	}
	return ds
}

func (s server) modelReady(w http.ResponseWriter, r *http.Request) {
	_, release, err := s.Models.Acquire(r.PathValue("model"), r.PathValue("version"))
	if err != nil {
		fail(w, err)
		return
	}
	release()
}

// index lists the models; with {"ready": true} only those that are served.
func (s server) index(w http.ResponseWriter, r *http.Request) {
	var want struct {
		Ready bool `json:"ready"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&want)
	if err != nil && !errors.Is(err, io.EOF) {
		fail(w, fault.New(fault.Invalid, "the body's JSON: %w", err))
		return
	}
	type state struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		State   string `json:"state"`
		Reason  string `json:"reason"`
	}
	all := []state{}
	for _, e := range s.Models.Index() {
		if !want.Ready || e.State == repository.Ready {
			all = append(all, state(e))
		}
	}
	answer(w, http.StatusOK, all)
}

// control answers load and unload. Their bodies' parameters have no meaning here: a model
// comes from its directory, and its configuration too.
func control(do func(context.Context, string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(r.Context(), r.PathValue("model")); err != nil {
			fail(w, err)
			return
		}
		answer(w, http.StatusOK, struct{}{})
	}
}
